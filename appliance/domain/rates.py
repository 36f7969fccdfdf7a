"""How much a person may have within a minute or a day, and what is left of it."""

from dataclasses import dataclass
from typing import Literal

from appliance.domain.restriction import Scope

Counted = Literal["requests", "tokens"]
Window = Literal["minute", "day"]


def amount_text(amount: int, counted: Counted) -> str:
    """``1 request``, ``30 tokens``."""
    return f"{amount} {counted[:-1] if amount == 1 else counted}"


@dataclass(frozen=True, slots=True)
class RateLeft:
    """``full_in_s`` is the time until ``left`` is ``limit`` again, in seconds."""

    limit: int
    left: int
    full_in_s: float


@dataclass(frozen=True, slots=True)
class RatesLeft:
    """Requests and tokens; None where there is no limit."""

    requests: RateLeft | None = None
    tokens: RateLeft | None = None


@dataclass(frozen=True, slots=True)
class RateRule:
    """What may be had at most, of what ``id`` counts; 0 is no limit. ``by`` says within a sentence who says
    so: something that ``allows``.

    It counts what ``holder`` does: with one ``key`` only, where that is not empty; with what ``scope``
    covers only, where there is one. Days are those of UTC.
    """

    id: str
    by: str
    holder: str
    key: str = ""
    scope: Scope | None = None
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    requests_per_day: int = 0
    tokens_per_day: int = 0
    running: int = 0

    @property
    def told(self) -> str:
        """``by`` as a sentence begins with it."""
        return self.by[:1].upper() + self.by[1:]


@dataclass(frozen=True, slots=True)
class LimitLeft:
    """One limit of a caller. ``by`` is the id of the rule that sets it."""

    by: str
    counted: Counted
    window: Window
    left: RateLeft


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was used since a day began: by whom, with which key, for which project, of which recipe."""

    holder: str
    key: str
    project: str
    model: str
    requests: int
    tokens: int
