"""The engine loop: what runs, what each step feeds it, and what is said of it.

Requests are admitted only into free KV tokens and sequences, with all that they may come to need, so
nothing that runs ever has to be evicted. What a finished choice no longer needs is free again in the same
step.
"""

from time import perf_counter

from appliance.domain.generation import FinishReason
from appliance.engines.base import (
    EngineFacts,
    Event,
    Failed,
    Free,
    KvExhausted,
    Runner,
    Slice,
    StepPlan,
    StepReport,
    Work,
)
from appliance.engines.scheduler.admission import refusal
from appliance.engines.scheduler.planning import Shares, share_out
from appliance.engines.scheduler.sequence import Choice, Group
from appliance.errors import Conflict, DoesNotFit


class Scheduler:
    """``Engine`` over any runner. Owns the runner: ``close`` closes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._facts = runner.facts
        self._end_tokens = runner.end_tokens
        self._free_kv_tokens = self._facts.kv_tokens
        self._free_sequences = list(range(self._facts.max_sequences))
        self._groups: dict[int, Group] = {}
        self._prefilling: list[Group] = []
        self._decoding: list[Choice] = []
        self._refused: list[Failed] = []
        self._cancelled: set[int] = set()

    @property
    def facts(self) -> EngineFacts:
        """The runner's."""
        return self._facts

    @property
    def idle(self) -> bool:
        """True while ``step`` would have nothing to do."""
        return not (self._groups or self._refused)

    @property
    def expected_step_ms(self) -> float:
        """As if each token of a full batch took what one takes alone: no step should take longer."""
        return self._facts.token_ms * self._facts.batch_tokens

    @property
    def free(self) -> Free:
        """What may be submitted now."""
        return Free(self._free_kv_tokens, len(self._free_sequences))

    def submit(self, work: Work) -> None:
        """Admit, or keep the refusal for the next step. Raises ``Conflict`` for an id that runs already."""
        if work.id in self._groups:
            raise Conflict(f"Work {work.id} is running already.")
        if failed := refusal(work, self._facts, self.free):
            self._refused.append(failed)
            return
        self._free_kv_tokens -= work.kv_tokens
        group = self._groups[work.id] = Group(work, [self._free_sequences.pop() for _ in range(work.n)])
        self._runner.prepare(group.first.sequence, group.first.sampling)
        if group.remaining:
            self._prefilling.append(group)
        else:
            self._decoding += self._forked(group)

    def cancel(self, work_id: int) -> None:
        """Mark for the next step."""
        if work_id in self._groups:
            self._cancelled.add(work_id)

    def step(self) -> StepReport:
        """Answer what was refused or cancelled, then one forward pass over what runs."""
        events: list[Event] = [*self._refused]
        self._refused.clear()
        self._end_cancelled(events)
        if self._groups:
            self._forward(events)
        return StepReport(tuple(events), self.free)

    def close(self) -> None:
        """Close the runner; what runs is lost."""
        self._runner.close()

    def _end_cancelled(self, events: list[Event]) -> None:
        for work_id in self._cancelled:
            for choice in self._groups[work_id].running:
                self._finish(choice, FinishReason.CANCELLED, events)
        if self._cancelled:
            self._leave_lines()
            self._cancelled.clear()

    def _forward(self, events: list[Event]) -> None:
        shares = share_out(
            len(self._decoding), [group.remaining for group in self._prefilling], self._facts.batch_tokens
        )
        plan = self._plan(shares)
        started_s = perf_counter()
        try:
            result = self._runner.forward(plan)
        except KvExhausted:
            self._fail_newest(events)
            return
        ms_per_token = (perf_counter() - started_s) * 1000 / shares.tokens
        choices = self._served(shares.decoding, ms_per_token) + self._read(shares.prefilling, ms_per_token)
        for choice, (_, token) in zip(choices, result.sampled, strict=True):
            self._take(choice, token, events)
        self._leave_lines()

    def _plan(self, shares: Shares) -> StepPlan:
        served = self._decoding[: shares.decoding]
        read = zip(self._prefilling, shares.prefilling, strict=False)
        return StepPlan(
            (
                *[
                    Slice(choice.sequence, (choice.next_token,), choice.position, sample=True)
                    for choice in served
                ],
                *[group.slice(tokens) for group, tokens in read],
            )
        )

    def _served(self, count: int, ms_per_token: float) -> list[Choice]:
        """The choices that decoded in this pass; they go to the end of their line."""
        served = self._decoding[:count]
        for choice in served:
            choice.position += 1
            choice.compute_ms += ms_per_token
        self._decoding = self._decoding[count:] + served
        return served

    def _read(self, shares: tuple[int, ...], ms_per_token: float) -> list[Choice]:
        """The choices that have their first token from this pass.

        Of the prompts not read to their end, the last may have been cut short and stays at the head of the
        line; those before it had their half and go to its end.
        """
        begun: list[Choice] = []
        unread: list[Group] = []
        for group, tokens in zip(self._prefilling, shares, strict=False):
            group.advance(tokens, ms_per_token)
            if group.remaining:
                unread.append(group)
            elif group.samples:
                begun.append(group.first)
            else:
                self._decoding += self._forked(group)
        self._prefilling = unread[-1:] + self._prefilling[len(shares) :] + unread[:-1]
        self._decoding += begun
        return begun

    def _forked(self, group: Group) -> list[Choice]:
        """All choices of a group whose prompt was fed, but for its last token."""
        for choice in group.choices[1:]:
            self._runner.prepare(choice.sequence, choice.sampling)
            self._runner.fork(group.first.sequence, choice.sequence, len(group.work.prompt) - 1)
        return group.choices

    def _take(self, choice: Choice, token: int, events: list[Event]) -> None:
        ends = token in self._end_tokens
        events.append(choice.take(token, b"" if ends else self._runner.piece(token), ends=ends))
        if choice.reason is not None:
            self._finish(choice, choice.reason, events)

    def _finish(self, choice: Choice, reason: FinishReason, events: list[Event]) -> None:
        events.append(choice.finish(reason))
        self._release(choice)

    def _fail_newest(self, events: list[Event]) -> None:
        """Make room where the runner has fewer KV cells than its facts promised."""
        group = next(reversed(self._groups.values()))
        events.append(group.failed(DoesNotFit.code, "The model ran out of KV cache; ask for fewer tokens."))
        for choice in group.running:
            choice.reason = FinishReason.CANCELLED
            self._release(choice)
        self._leave_lines()

    def _release(self, choice: Choice) -> None:
        """Free what a finished choice held, and the prompt's share with the last choice of a group."""
        work = choice.work
        self._runner.drop(choice.sequence)
        self._free_sequences.append(choice.sequence)
        self._free_kv_tokens += work.max_tokens
        if not self._groups[work.id].running:
            self._free_kv_tokens += len(work.prompt)
            del self._groups[work.id]

    def _leave_lines(self) -> None:
        self._decoding = [choice for choice in self._decoding if choice.reason is None]
        self._prefilling = [group for group in self._prefilling if group.work.id in self._groups]
