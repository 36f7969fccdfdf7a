"""What a set is, and what its requests are made with."""

import random
from dataclasses import dataclass, field
from typing import Final

from appliance.domain.generation import GenerationRequest
from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BEGIN: Final = 20_455 * DAY
"""A Monday."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request at its time."""

    at_ms: int
    caller: Caller
    request: GenerationRequest


@dataclass(frozen=True, slots=True)
class Set:
    """``guilty`` are the holders who misuse the box: none in a benign set. ``weeks`` and ``lessons`` are what
    false incidents are counted by.
    """

    name: str
    sent: tuple[Sent, ...]
    guilty: frozenset[str] = frozenset()
    kind: str = "research"
    declared: tuple[str, ...] = ()
    person_weeks: float = 0.0
    lessons: float = 0.0
    note: str = ""
    goal: str = ""
    """``note``: nothing above a note may come of it; ``caught``: every guilty holder has to be seen."""


@dataclass
class Making:
    """Numbers requests and callers."""

    random: random.Random
    held_out: bool
    small: bool
    count: int = 0
    sets: list[Set] = field(default_factory=list)

    def size(self, full: int) -> int:
        return max(1, full // 5) if self.small else full

    def chat(self, text: str, **more: object) -> GenerationRequest:
        self.count += 1
        prompt = ChatPrompt((Message("system", "You are a helpful assistant."), Message("user", text)))
        return GenerationRequest(id=f"req_{self.count}", model="m", prompt=prompt, max_tokens=256, **more)

    def complete(self, text: str, **more: object) -> GenerationRequest:
        self.count += 1
        return GenerationRequest(
            **{"id": f"req_{self.count}", "model": "m", "prompt": TextPrompt(text), **more}
        )

    def pick(self, tuned: list[str], held_out: list[str]) -> str:
        return self.random.choice(held_out if self.held_out else tuned)


def person(name: str, *, key: str = "", address: str = "192.0.2.1") -> Caller:
    return Caller(key or f"key_{name}", name, "p", address)


def spread(make: Making, count: int, begin_ms: int, within_ms: int) -> list[int]:
    return sorted(begin_ms + make.random.randrange(within_ms) for _ in range(count))
