"""The engine loop: what runs, what each step feeds it, and what is said of it.

Requests are admitted only into free KV tokens and sequences, with all that they may come to need, so
nothing that runs ever has to be evicted. What a finished choice no longer needs is free again in the same
step; what it leaves in the KV cache is its owner's to go on from (``residents``).
"""

from time import perf_counter

from appliance.domain.generation import FinishReason
from appliance.engines.base import (
    EngineFacts,
    Event,
    Failed,
    Free,
    Generate,
    KvExhausted,
    Logprob,
    Runner,
    StepReport,
    StepResult,
    Work,
)
from appliance.engines.constraint import Constraints
from appliance.engines.scheduler.admission import Room, admissible
from appliance.engines.scheduler.constraining import admitted, matchers
from appliance.engines.scheduler.lines import Lines
from appliance.engines.scheduler.residents import Residents
from appliance.engines.scheduler.scoring import PromptScoring, reusable
from appliance.engines.scheduler.sequence import Choice, Group
from appliance.engines.scheduler.step_time import StepTime
from appliance.engines.scheduler.telling import Teller
from appliance.errors import CarrelError, Conflict, DoesNotFit


class Scheduler:
    """``Engine`` over any runner. Owns the runner: ``close`` closes it.

    Without ``constraints`` it takes no work that has one.
    """

    def __init__(self, runner: Runner, constraints: Constraints | None = None) -> None:
        self._runner = runner
        self._constraints = constraints
        self._teller = Teller(runner)
        self._facts = runner.facts
        self._end_tokens = runner.end_tokens
        self._room = Room(self._facts)
        self._residents = Residents(runner)
        self._lines = Lines(runner, self._residents)
        self._step_time = StepTime(self._facts.token_ms)
        self._groups: dict[int, Group] = {}
        self._untold: list[Event] = []
        """Said at the next step."""
        self._cancelled: set[int] = set()

    @property
    def facts(self) -> EngineFacts:
        """The runner's."""
        return self._facts

    @property
    def idle(self) -> bool:
        """True while ``step`` would have nothing to do."""
        return not (self._groups or self._untold)

    @property
    def expected_step_ms(self) -> float:
        """Of the pass that runs now, or ran last."""
        return self._step_time.expected_ms

    @property
    def free(self) -> Free:
        """What may be submitted now. What is only kept for later requests counts as free."""
        return self._room.free

    def submit(self, work: Work) -> None:
        """Admit, or keep the refusal for the next step. Raises ``Conflict`` for an id that runs already."""
        if work.id in self._groups:
            raise Conflict(f"Work {work.id} is running already.")
        try:
            self._admit(admissible(work, self._facts, self.free))
        except CarrelError as error:
            self._untold.append(Failed(work.id, error.code, error.message))

    def cancel(self, work_id: int) -> None:
        """Mark for the next step."""
        if work_id in self._groups:
            self._cancelled.add(work_id)

    def step(self) -> StepReport:
        """Answer what was refused or cancelled, then one forward pass over what runs."""
        events, self._untold = self._untold, []
        self._end_cancelled(events)
        if self._groups:
            self._forward(events)
        return StepReport(tuple(events), self.free)

    def close(self) -> None:
        """Close the runner; what runs is lost."""
        self._runner.close()

    def _admit(self, work: Generate) -> None:
        group = Group(
            work,
            self._residents.prefix(work.owner, reusable(work)),
            others=self._of(work.owner),
            scoring=PromptScoring.of(work, self._facts.vocabulary),
            matchers=matchers(self._constraints, work),
        )
        self._room.reserve(work)
        self._groups[work.id] = group
        self._lines.join(group)
        if group.scoring and not work.score_from:
            self._untold.append(self._teller.beginning(work.id, work.prompt[0]))

    def _end_cancelled(self, events: list[Event]) -> None:
        for work_id in self._cancelled:
            for choice in self._groups[work_id].running:
                self._finish(choice, FinishReason.CANCELLED, events)
        if self._cancelled:
            self._lines.leave_finished()
            self._cancelled.clear()

    def _forward(self, events: list[Event]) -> None:
        plan = self._lines.plan()
        tokens = self._step_time.begin(plan)
        started_s = perf_counter()
        try:
            result = self._runner.forward(plan)
        except KvExhausted:
            self._make_room(events)
            return
        took_ms = (perf_counter() - started_s) * 1000
        self._step_time.end(took_ms)
        choices = self._lines.advance(took_ms / tokens)
        for group in self._lines.read:
            self._tell_prompt(group, result, events)
        self._take(choices, result, events)
        self._lines.leave_finished()

    def _tell_prompt(self, group: Group, result: StepResult, events: list[Event]) -> None:
        """What was scored of it in this pass; its end, where nothing more is wanted."""
        if group.scoring and (scored := result.scored.get(group.first.sequence)):
            events.append(self._teller.prompt(group.work.id, group.scoring.told, scored))
            group.scoring.told += len(scored)
        if group.is_all_read:
            self._finish(group.first, FinishReason.LENGTH, events)

    def _take(self, choices: list[Choice], result: StepResult, events: list[Event]) -> None:
        ends, piece = self._end_tokens, self._runner.piece
        for choice, (_, token) in zip(choices, result.sampled, strict=True):
            if choice.plain:
                ended = token in ends
                events.append(choice.take(token, b"" if ended else piece(token), ends=ended))
            elif not self._take_with_care(choice, token, result.logprobs.get(choice.sequence), events):
                continue
            if choice.reason is not None:
                self._finish(choice, choice.reason, events)

    def _take_with_care(
        self, choice: Choice, token: int, logprob: Logprob | None, events: list[Event]
    ) -> bool:
        """Of a choice that keeps to a grammar, or whose log-probabilities are told. False where its request
        has failed.
        """
        if choice.reason is not None:
            return False
        matcher = choice.matcher
        try:
            if matcher:
                token, logprob = admitted(choice, matcher, token, logprob, self._runner)
            complete = matcher is not None and matcher.finished
        except CarrelError as error:
            self._fail(self._groups[choice.work.id], error, events)
            return False
        ended = token in self._end_tokens
        piece = b"" if ended else self._runner.piece(token)
        told = (self._teller.token(logprob),) if logprob else ()
        events.append(choice.take(token, piece, ends=ended or complete, told=told))
        return True

    def _fail(self, group: Group, error: CarrelError, events: list[Event]) -> None:
        """End the whole request; what it holds is not kept."""
        events.append(group.failed(error.code, error.message))
        for choice in group.running:
            choice.reason = FinishReason.CANCELLED
            self._release(choice, keep=False)

    def _finish(self, choice: Choice, reason: FinishReason, events: list[Event]) -> None:
        events.append(choice.finish(reason))
        self._release(choice, keep=True)

    def _make_room(self, events: list[Event]) -> None:
        """The runner has fewer KV cells than its facts promised: what is idle goes first, then the newest."""
        if self._residents.evict_all():
            return
        newest = next(reversed(self._groups.values()))
        self._fail(newest, DoesNotFit("The model ran out of KV cache; ask for fewer tokens."), events)
        self._lines.leave_finished()

    def _of(self, owner: str) -> int:
        """How many requests of this owner run; 0 for nobody's."""
        return sum([group.work.owner == owner for group in self._groups.values()]) if owner else 0

    def _release(self, choice: Choice, *, keep: bool) -> None:
        """Free what a finished choice reserved, and the prompt's share with the last choice of a group."""
        group = self._groups[choice.work.id]
        last = not group.running
        kv_tokens = choice.work.max_tokens + (len(choice.work.prompt) if last else 0)
        self._room.give_back(kv_tokens)
        if group.first.seat:
            self._residents.give_back(kv_tokens)
        if choice.seat:
            self._residents.leave(choice.seat, group.held(choice) if keep else ())
        if last:
            del self._groups[choice.work.id]
