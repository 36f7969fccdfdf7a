"""``Engine`` over vLLM's: what is submitted to it, and what is said of what comes back."""

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final

from appliance.domain.generation import FinishReason
from appliance.engines.base import (
    EngineFacts,
    Failed,
    Free,
    Generate,
    StepReport,
    ToldToken,
    Vocabulary,
    Work,
)
from appliance.engines.scheduler.admission import Room, admissible
from appliance.engines.scheduler.step_time import StepTime
from appliance.engines.scheduler.telling import Teller
from appliance.engines.vllm import asking
from appliance.engines.vllm.answers import Answer, Group
from appliance.engines.vllm.library import Completion, Library, Native, Output, Place
from appliance.engines.vllm.sharing import fed
from appliance.engines.vllm.telling import Outbox, logprob_of, prompt_told
from appliance.errors import CarrelError, Conflict, ReplicaFailed

_ENDED: Final = "The engine of this model broke off the answer. Send the request again."
_REASONS: Final = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class VllmEngine:
    """One model. ``step`` lets pass whatever vLLM raises: the process has to be replaced after it."""

    def __init__(self, native: Native, library: Library, vocabulary: Vocabulary, facts: EngineFacts) -> None:
        self._native = native
        self._library = library
        self._vocabulary = vocabulary
        self._end_tokens = vocabulary.end_tokens
        self._teller = Teller(vocabulary)
        self._facts = facts
        self._room = Room(facts)
        self._step_time = StepTime(facts.token_ms)
        self._groups: dict[int, Group] = {}
        self._answers: dict[str, Answer] = {}
        """Of those that run, by vLLM's name."""
        self._outbox = Outbox()
        self._cancelled: set[int] = set()

    @property
    def facts(self) -> EngineFacts:
        """Measured when it was opened."""
        return self._facts

    @property
    def idle(self) -> bool:
        """True while ``step`` would have nothing to do."""
        return not (self._groups or self._outbox)

    @property
    def expected_step_ms(self) -> float:
        """Of the pass that runs now, or ran last."""
        return self._step_time.expected_ms

    @property
    def free(self) -> Free:
        """What may be submitted now."""
        return self._room.free

    def submit(self, work: Work) -> None:
        """Admit, or keep the refusal for the next step. Raises ``Conflict`` for an id that runs already."""
        if work.id in self._groups:
            raise Conflict(f"Work {work.id} is running already.")
        try:
            self._admit(admissible(work, self._facts, self.free))
        except CarrelError as error:
            self._outbox.add(Failed(work.id, error.code, error.message))

    def cancel(self, work_id: int) -> None:
        """Mark for the next step."""
        if work_id in self._groups:
            self._cancelled.add(work_id)

    def step(self) -> StepReport:
        """Answer what was refused or cancelled, then one pass over what runs; no pass while more is to be
        told than a frame holds.
        """
        for work_id in self._cancelled:
            self._abort(self._groups[work_id].running, FinishReason.CANCELLED)
        self._cancelled.clear()
        events = self._outbox.take()
        if self._groups and not self._outbox:
            self._forward()
            events = [*events, *self._outbox.take()]
        return StepReport(tuple(events), self.free)

    def close(self) -> None:
        """Nothing: what vLLM holds goes with the process."""

    def _admit(self, work: Generate) -> None:
        if error := asking.refusal(work, self._facts.context_tokens):
            raise error
        group = Group(work)
        # A prompt is scored once, and told before any answer to it.
        self._ask(work, group.answers if work.prompt_logprobs is None else group.answers[:1])
        self._room.reserve(work)
        self._groups[work.id] = group

    def _ask(self, work: Generate, answers: Sequence[Answer]) -> None:
        try:
            for answer in answers:
                self._native.add_request(
                    answer.name,
                    asking.prompt_of(work),
                    asking.parameters_of(self._library, work, answer.choice.index, self._end_tokens),
                    priority=asking.YIELDING if work.yields else 0,
                )
        except self._library.refusals as error:
            self._native.abort_request([answer.name for answer in answers])
            raise asking.told_of_refusal() from error
        self._answers.update((answer.name, answer) for answer in answers)

    def _forward(self) -> None:
        answers = list(self._answers.values())
        shares = fed([answer.unread for answer in answers], self._facts.batch_tokens)
        tokens = self._step_time.expect(max(1, sum(shares)))
        started_s = perf_counter()
        outputs = self._native.step()
        took_ms = (perf_counter() - started_s) * 1000
        self._step_time.end(took_ms)
        for answer, share in zip(answers, shares, strict=True):
            answer.choice.compute_ms += share * took_ms / tokens
            # At least one is left: it is read once it has a token.
            answer.unread = max(1, answer.unread - share) if answer.unread else 0
        self._take(outputs)

    def _take(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            # One that ended in this very pass, because its group did, has no answer any more.
            if answer := self._answers.get(output.request_id):
                if not answer.choice.index:
                    # What further choices find in the cache, the first one has read for this request.
                    self._groups[answer.choice.work.id].cached_tokens(output.num_cached_tokens or 0)
                self._tell_prompt(answer, output)
                for completion in output.outputs:
                    self._tell(answer, completion)

    def _tell_prompt(self, answer: Answer, output: Output) -> None:
        work = answer.choice.work
        if work.prompt_logprobs is None or not output.prompt_logprobs:
            return
        self._outbox.add(*prompt_told(self._teller, work, output.prompt_logprobs))
        self._ask(work, self._groups[work.id].answers[1:])

    def _tell(self, answer: Answer, completion: Completion) -> None:
        """New tokens of one choice, up to the one that ends it, and its end."""
        choice = answer.choice
        answer.unread = 0
        if not choice.work.max_tokens:
            self._abort([answer], FinishReason.LENGTH, ended=completion.finish_reason is not None)
            return
        places = iter(completion.logprobs or ())
        for token in completion.token_ids:
            place = next(places, None)
            ends = token in self._end_tokens
            piece = b"" if ends else self._vocabulary.piece(token)
            told = self._told(choice.work, token, place)
            self._outbox.add(choice.take(token, piece, ends=ends, told=told))
            if choice.reason is not None:
                break
        self._end(answer, completion.finish_reason)

    def _told(self, work: Generate, token: int, place: Place | None) -> tuple[ToldToken, ...]:
        if place is None or work.logprobs is None:
            return ()
        return (self._teller.token(logprob_of(token, place, work.logprobs)),)

    def _end(self, answer: Answer, said: str | None) -> None:
        """Where either of us has ended the choice."""
        reason = answer.choice.reason or _REASONS.get(said or "")
        if reason is not None:
            self._abort([answer], reason, ended=said is not None)
        elif said is not None:
            self._fail(self._groups[answer.choice.work.id], ReplicaFailed(_ENDED))

    def _abort(self, answers: list[Answer], reason: FinishReason, *, ended: bool = False) -> None:
        """Say that these choices are finished; vLLM is told, but where it has ended them itself."""
        if not ended:
            self._native.abort_request([answer.name for answer in answers])
        for answer in answers:
            self._outbox.add(answer.choice.finish(reason))
            self._release(answer)

    def _fail(self, group: Group, error: CarrelError) -> None:
        """End the whole request."""
        self._outbox.add(group.failed(error))
        running = group.running
        self._native.abort_request([answer.name for answer in running])
        for answer in running:
            answer.choice.reason = FinishReason.CANCELLED
            self._release(answer)

    def _release(self, answer: Answer) -> None:
        """Give back what a finished choice reserved, and the prompt's share with the last one of a group."""
        work = answer.choice.work
        self._answers.pop(answer.name, None)
        last = not self._groups[work.id].running
        self._room.give_back(work.max_tokens + (len(work.prompt) if last else 0))
        if last:
            del self._groups[work.id]
