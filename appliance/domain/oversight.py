"""What is noticed in how the box is used, and what follows from it. Never what was said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from appliance.domain.people import Caller

IncidentState = Literal["open", "reviewed", "appealed", "expired"]
Verdict = Literal["", "clear", "uphold"]
"""Of a reviewer: it was nothing, or it was what it looked like. Empty: nobody has decided."""


class Level(StrEnum):
    """What an incident leads to, each more than the one before it. Nothing beyond the last is automatic."""

    NOTE = "note"
    """It is written down, nothing else."""
    WARN = "warn"
    """The holder is told with every answer."""
    THROTTLE = "throttle"
    """The holder's requests per minute are cut."""
    HOLD = "hold"
    """Nothing is computed for the holder in that project until somebody has looked, or a day has passed."""


LADDER: Final = tuple(Level)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose use is looked at as one: that of a holder in one project. What they do elsewhere is apart."""

    holder: str
    project_id: str

    @classmethod
    def of(cls, caller: Caller) -> "Scope":
        """The one that a request belongs to."""
        return cls(caller.holder, caller.project_id)


@dataclass(frozen=True, slots=True)
class Trip:
    """A wire was touched. ``score`` is in percent of what it takes, so 100 or more; ``count`` is what the
    wire counts.
    """

    wire: str
    score: int
    count: int


@dataclass(frozen=True, slots=True)
class Incident:
    """Trips of one wire by one holder in one project, as one matter. Times in ms since 1970 UTC.

    ``score`` and ``count`` are the highest so far, ``trips`` how often they were raised. ``raised_ms`` is
    since when its level stands. ``explained_by`` is the declared pattern that lowers it to a note; empty:
    none. ``until_ms`` is how long a verdict holds, None before there is one.
    """

    id: str
    wire: str
    holder: str
    person_id: str
    project_id: str
    key_id: str
    level: Level
    score: int
    count: int
    trips: int
    first_ms: int
    last_ms: int
    raised_ms: int
    state: IncidentState = "open"
    explained_by: str = ""
    verdict: Verdict = ""
    reason: str = ""
    decided_by: str = ""
    decided_ms: int | None = None
    until_ms: int | None = None
    appeal: str = ""
    appealed_ms: int | None = None

    @property
    def scope(self) -> Scope:
        """Whose it is."""
        return Scope(self.holder, self.project_id)


@dataclass(frozen=True, slots=True)
class DeclaredPattern:
    """A project said beforehand that its use will look like this. ``pattern`` is that of a wire, a pack, or
    one of the words that stand for several wires.
    """

    id: str
    project_id: str
    pattern: str
    why: str
    declared_by: str
    declared_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class WireSetting:
    """What the lab set of one wire; None: as the release has it."""

    wire: str
    on: bool | None = None
    threshold: int | None = None
    hours: str | None = None
    """For the wire that looks at the time of day: two hours UTC, such as ``22-5``."""
