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
    KvExhausted,
    Runner,
    StepReport,
    StepResult,
    Work,
)
from appliance.engines.scheduler.admission import Room, refusal
from appliance.engines.scheduler.lines import Lines
from appliance.engines.scheduler.residents import Residents
from appliance.engines.scheduler.sequence import Choice, Group
from appliance.engines.scheduler.step_time import StepTime
from appliance.errors import Conflict, DoesNotFit


class Scheduler:
    """``Engine`` over any runner. Owns the runner: ``close`` closes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._facts = runner.facts
        self._end_tokens = runner.end_tokens
        self._room = Room(self._facts)
        self._residents = Residents(runner)
        self._lines = Lines(runner, self._residents)
        self._step_time = StepTime(self._facts.token_ms)
        self._groups: dict[int, Group] = {}
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
        if failed := refusal(work, self._facts, self.free):
            self._refused.append(failed)
            return
        self._room.reserve(work)
        group = Group(work, self._residents.prefix(work.owner, work.prompt[:-1]), self._of(work.owner))
        self._groups[work.id] = group
        self._lines.join(group)

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
        self._take(self._lines.advance(took_ms / tokens), result, events)
        self._lines.leave_finished()

    def _take(self, choices: list[Choice], result: StepResult, events: list[Event]) -> None:
        ends, piece = self._end_tokens, self._runner.piece
        for choice, (_, token) in zip(choices, result.sampled, strict=True):
            ended = token in ends
            events.append(choice.take(token, b"" if ended else piece(token), ends=ended))
            if choice.reason is not None:
                self._finish(choice, choice.reason, events)

    def _finish(self, choice: Choice, reason: FinishReason, events: list[Event]) -> None:
        events.append(choice.finish(reason))
        self._release(choice, keep=True)

    def _make_room(self, events: list[Event]) -> None:
        """The runner has fewer KV cells than its facts promised: what is idle goes first, then the newest."""
        if self._residents.evict_all():
            return
        group = next(reversed(self._groups.values()))
        events.append(group.failed(DoesNotFit.code, "The model ran out of KV cache; ask for fewer tokens."))
        for choice in group.running:
            choice.reason = FinishReason.CANCELLED
            self._release(choice, keep=False)
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
