"""What services of classes need of others."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.adjustment import Adjustment
from appliance.domain.allocation import Account
from appliance.domain.classes import SchoolClass
from appliance.domain.enrolling import Enrolment, Founding, Recapped, SeatChange
from appliance.domain.people import Caller
from appliance.policy.amounts import Reference


class Classes(Protocol):
    """Where classes are written down. Each method is one commit."""

    async def add(self, founding: Founding) -> None:
        """Raises ``Conflict`` where an id was taken meanwhile."""
        ...

    async def change(self, lesson: SchoolClass, recapped: Sequence[Recapped] = ()) -> None:
        """Replace what is known of the class of this id; its keys have other caps."""
        ...

    async def enrol(self, enrolment: Enrolment) -> None:
        """Raises ``Conflict`` where an id was taken meanwhile."""
        ...

    async def change_seats(self, changes: Sequence[SeatChange]) -> None:
        """Seats with the keys that they lose and get."""
        ...

    async def end_keys(self, class_id: str, now_ms: int) -> None:
        """No key that its seats ever had works any more."""
        ...


class Settling(Protocol):
    """What runs for a key."""

    async def settled_of_key(self, key_id: str) -> None:
        """Wait until nothing of a key runs any more, and all of it is charged."""
        ...


class Costs(Protocol):
    """What tokens of a model cost."""

    async def of(self, project: str, model: str | None = None) -> Reference | None:
        """None where there is nothing to go by. Raises ``BadRequest`` for a model that nobody knows the cost
        of.
        """
        ...


class Accounts(Protocol):
    """What keys may spend."""

    async def of_caller(self, caller: Caller) -> Sequence[Account]:
        """All accounts that requests of this caller count to now."""
        ...


class Gifts(Protocol):
    """What is given besides."""

    async def add(self, adjustment: Adjustment) -> None:
        """Raises ``NotFound``, ``Conflict``."""
        ...
