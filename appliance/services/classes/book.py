"""Classes and their seats, in memory: what gates and pages ask at every request, without a query.

Whoever changes a row tells the book once the row is on the disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.domain.classes import SchoolClass, Seat
from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.errors import NotFound


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seat and the class that it is in."""

    lesson: SchoolClass
    seat: Seat


class StoredClasses(Protocol):
    """Where classes are remembered."""

    async def all(self) -> Sequence[SchoolClass]:
        """Every class, oldest first."""
        ...

    async def seats(self) -> Sequence[Seat]:
        """Every seat of every class, in the order of their numbers."""
        ...

    async def keys(self) -> Mapping[str, tuple[str, str]]:
        """Class and person of every key that a seat ever had, by the key's id."""
        ...


class ClassBook:
    """Classes as they are now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._classes: dict[str, SchoolClass] = {}
        self._seats: dict[str, dict[str, Seat]] = {}
        self._keys: dict[str, tuple[str, str]] = {}

    async def load(self, stored: StoredClasses) -> None:
        """Learn what is on the disk."""
        self._classes = {one.id: one for one in await stored.all()}
        self._seats = {}
        for seat in await stored.seats():
            self.put_seat(seat)
        self._keys = dict(await stored.keys())

    def find(self, class_id: str) -> SchoolClass | None:
        """Of that id, those that are over too."""
        return self._classes.get(class_id)

    def require(self, class_id: str, project_id: str | None = None) -> SchoolClass:
        """Of that id, and of that project where one is given. Raises ``NotFound``."""
        found = self._classes.get(class_id)
        if found is None or project_id not in {None, found.project_id}:
            raise NotFound("No class has this id. `carrel class list --all` shows them all.", param="name")
        return found

    def all(self) -> Sequence[SchoolClass]:
        """Every class, oldest first."""
        return tuple(self._classes.values())

    def going_on(self) -> Sequence[SchoolClass]:
        """Those that are open or paused now. From any thread."""
        now_ms = self._clock.now_ms()
        return [one for one in self.all() if one.state(now_ms) in {"open", "paused"}]

    def seats(self, class_id: str) -> Sequence[Seat]:
        """Of a class, in the order of their numbers."""
        return sorted(self._seats.get(class_id, {}).values(), key=lambda seat: seat.number)

    def seat(self, class_id: str, person_id: str) -> Seat | None:
        """That person's in this class."""
        return self._seats.get(class_id, {}).get(person_id)

    def sitting(self, caller: Caller) -> Sitting | None:
        """The seat that a caller's key is of, also one that has another key by now; None where the key is of
        no class.
        """
        return self.sitting_of_key(caller.key_id)

    def sitting_of_key(self, key_id: str) -> Sitting | None:
        """As ``sitting``."""
        class_id, person_id = self._keys.get(key_id, ("", ""))
        lesson, seat = self._classes.get(class_id), self.seat(class_id, person_id)
        return None if lesson is None or seat is None else Sitting(lesson, seat)

    def keys_of(self, class_id: str) -> Mapping[str, str]:
        """Person by key, of every key that its seats ever had."""
        return {key: person for key, (of, person) in self._keys.items() if of == class_id}

    def put_class(self, lesson: SchoolClass) -> None:
        """A new one, or a changed one."""
        self._classes[lesson.id] = lesson

    def put_seat(self, seat: Seat) -> None:
        """A new one, or a changed one."""
        self._seats.setdefault(seat.class_id, {})[seat.person_id] = seat

    def put_key(self, key_id: str, class_id: str, person_id: str) -> None:
        """A seat has a new key."""
        self._keys[key_id] = class_id, person_id
