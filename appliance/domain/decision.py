"""What rules decided about requests: who asked for which model, what came of it; never what was asked."""

from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["refused", "changed"]
MINUTE_MS: Final = 60_000
KEPT_DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class Decided:
    """One kind of decision within one minute. ``restriction`` is its id and version, where it was one."""

    minute_ms: int
    verdict: Verdict
    gate: str
    rule: str
    restriction: str
    key: str
    person: str
    project: str
    model: str


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How often it was decided so in that minute, and when the last time was. Times in ms since 1970 UTC."""

    decided: Decided
    count: int
    last_ms: int
