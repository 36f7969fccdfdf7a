"""A class at one model, simulated step by step: people who ask, wait, read and ask again."""

import random
from dataclasses import dataclass, field

from appliance.domain.generation import Sampling
from appliance.domain.people import Caller
from appliance.engines.base import Free, Generate
from appliance.errors import PersonLimitReached
from appliance.services.queue import DispatchQueue, Place, QueueLimits, Share
from tests.generation.fakes import FakeClock, FakeStream

GREEDY = Sampling(0.0, 1.0, 0, 0.0, 0)
STEP_S = 0.02


@dataclass(frozen=True)
class Habit:
    """How one person asks. Times in steps; ``at_once`` questions are open at any time."""

    name: str
    prompt_tokens: int
    answer_tokens: int
    think_steps: int = 0
    at_once: int = 1
    project: str = "class"


@dataclass
class Question:
    habit: Habit
    place: Place
    asked_at: int
    left: int
    begun: bool = False


class Machine:
    """A source whose running work the classroom moves on."""

    incarnation = 0

    def __init__(self, sequences: int, kv_tokens: int) -> None:
        self._whole = Free(kv_tokens, sequences)
        self.running: dict[int, Generate] = {}

    @property
    def free(self) -> Free:
        taken = sum(work.kv_tokens for work in self.running.values())
        return Free(self._whole.kv_tokens - taken, self._whole.sequences - len(self.running))

    def open(self, work: Generate) -> FakeStream:
        assert self.free.sequences >= work.n
        assert self.free.kv_tokens >= work.kv_tokens
        self.running[work.id] = work
        return FakeStream(work, self)  # type: ignore[arg-type]


@dataclass
class Classroom:
    """``wait_steps`` holds, by person, the steps from question to dispatch, ``tokens`` what was made."""

    machine: Machine
    habits: list[Habit]
    limits: QueueLimits
    now: int = 0
    number: int = 0
    refused: int = 0
    open: dict[int, Question] = field(default_factory=dict)
    due: list[tuple[int, Habit]] = field(default_factory=list)
    wait_steps: dict[str, list[int]] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.queue = DispatchQueue(self.limits, clock=self.clock)
        chance = random.Random(1)
        self.due = [(chance.randrange(20), one) for one in self.habits for _ in range(one.at_once)]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self._ask()
            self._compute()
            self.now += 1
            self.clock.at_s += STEP_S

    def longest_waits(self, names: set[str], part: float = 0.95) -> int:
        """The wait, in steps, that ``part`` of these people's questions stayed below."""
        waits = sorted(wait for name in names for wait in self.wait_steps.get(name, ()))
        return waits[int(part * (len(waits) - 1))]

    def _ask(self) -> None:
        asking = [habit for at, habit in self.due if at <= self.now]
        self.due = [one for one in self.due if one[0] > self.now]
        for habit in asking:
            caller = Caller(f"key of {habit.name}", habit.name, habit.project)
            self.number += 1
            work = Generate(self.number, (1,) * habit.prompt_tokens, habit.answer_tokens, GREEDY)
            try:
                with self.queue.preparing(caller):
                    place = self.queue.join("m", work, [self.machine], Share(caller))
            except PersonLimitReached:
                self.refused += 1
                self.due.append((self.now + 50, habit))
                continue
            self.open[work.id] = Question(habit, place, self.now, habit.answer_tokens)

    def _compute(self) -> None:
        for number in list(self.machine.running):
            question = self.open[number]
            if not question.begun:
                question.begun = True
                self.wait_steps.setdefault(question.habit.name, []).append(self.now - question.asked_at)
            question.left -= 1
            question.place.charge(1)
            self.tokens[question.habit.name] = self.tokens.get(question.habit.name, 0) + 1
            if not question.left:
                self._end(number)

    def _end(self, number: int) -> None:
        question = self.open.pop(number)
        del self.machine.running[number]
        self.queue.wake()  # as the replica does; the run notices a little later
        question.place.leave()
        self.due.append((self.now + 1 + question.habit.think_steps, question.habit))
