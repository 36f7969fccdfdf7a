"""What is written at once when a class list is taken in, and when a seat gets another key."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.classes import SchoolClass, Seat
from appliance.domain.people import ApiKey, Intake, KeyLimits, Project


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Persons and memberships of a list, and the seats that they make or change."""

    intake: Intake
    seats: Sequence[Seat]


@dataclass(frozen=True, slots=True)
class Founding:
    """A new class. ``project`` is its course, where that is made with it."""

    lesson: SchoolClass
    enrolment: Enrolment
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class NewSeatKey:
    """A key with the SHA-256 of its secret. ``limit_micro`` is what it may spend in all if the seat had no
    limited key before, from which it takes over what is left; None is no limit.
    """

    key: ApiKey
    digest: bytes
    limit_micro: int | None


@dataclass(frozen=True, slots=True)
class SeatChange:
    """``seat`` is as it will be, ``ends`` the key that it had, ``made`` the one that it gets."""

    seat: Seat
    at_ms: int
    ends: str | None = None
    made: NewSeatKey | None = None


@dataclass(frozen=True, slots=True)
class Recapped:
    """What the last key of a seat may have from now on. ``more_micro`` is added to what it may spend in all,
    where that is limited; ``limit_micro`` is its first limit, ``unlimited`` takes it away.
    """

    key_id: str
    limits: KeyLimits
    expires_ms: int
    at_ms: int
    more_micro: int = 0
    limit_micro: int | None = None
    unlimited: bool = False
