"""Joining a class with its code: by a name in its list, or as a guest. Names are told to who has the code."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.classes import ClassMode, How, SchoolClass, Seat
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.people import Person
from appliance.errors import Conflict, NotFound, NotPermitted
from appliance.policy.classes.admitting import RULE, refused_address
from appliance.policy.classes.seats import is_guest
from appliance.services.classes.attempts import Attempts
from appliance.services.classes.book import ClassBook
from appliance.services.classes.codes import JoinCodes
from appliance.services.classes.seat_keys import TAKEN
from appliance.services.people.issuing import IssuedKey

BY_CODE: Final = "join code"
"""Who acts, where a student takes a seat."""

_WRONG: Final = "This code is wrong, or its minutes are over. Look at the projector, or ask your teacher."


@dataclass(frozen=True, slots=True)
class Offer:
    """A class that a code opens. ``names`` are those of free seats, by their numbers in the list; ``guests``
    whether somebody may join who is not in it.
    """

    class_id: str
    title: str
    mode: ClassMode
    names: tuple[tuple[int, str], ...]
    guests: bool
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A seat that somebody took, with its key, which is nowhere else."""

    secret: str
    key_id: str
    class_id: str
    person: str
    name: str
    expires_ms: int


class SeatKeys(Protocol):
    """Who makes the keys of seats."""

    async def make(
        self, lesson: SchoolClass, seat: Seat, *, how: How, actor_name: str, only_free: bool = False
    ) -> IssuedKey:
        """A key for who sits there from now on. Raises ``Conflict`` where somebody does already."""
        ...


class Guests(Protocol):
    """Who makes seats for those who are in no list."""

    async def add(self, lesson: SchoolClass) -> Seat:
        """A new one, with a person of its own. Raises ``Conflict`` where as many have come as may."""
        ...


class InTheClear(Protocol):
    """Who decides what may go over plain HTTP."""

    def check_class(self, lesson: SchoolClass) -> None:
        """Whether keys of a class can be given out there. Raises ``NotAllowed``."""
        ...


class Names(Protocol):
    """Who knows people."""

    def person(self, id: str) -> Person | None:
        """Of that id."""
        ...


class Joining:
    """A seat is taken once, also where two claim it at the same moment."""

    def __init__(
        self,
        *,
        book: ClassBook,
        codes: JoinCodes,
        seats: SeatKeys,
        guests: Guests,
        names: Names,
        plain: InTheClear,
        attempts: Attempts,
        clock: Clock,
        log: Log,
    ) -> None:
        self._book = book
        self._codes = codes
        self._seats = seats
        self._guests = guests
        self._names = names
        self._plain = plain
        self._attempts = attempts
        self._clock = clock
        self._log = log
        self._guest_locks: dict[str, asyncio.Lock] = {}

    async def look(self, code: str, address: str, *, secure: bool) -> Offer:
        """What a code opens. ``secure``: nobody could read along. Raises ``NotFound``, ``RateLimited``,
        ``NotPermitted`` outside of the class's networks, ``NotAllowed`` where it is not joined in the clear.
        """
        lesson = self._opened_by(code, address, secure=secure)
        return Offer(
            class_id=lesson.id,
            title=lesson.title,
            mode=lesson.mode,
            names=tuple((seat.number, self._name(seat)) for seat in self._free(lesson)),
            guests=self._guests_left(lesson) > 0,
            ends_ms=lesson.ends_ms,
        )

    async def claim(self, code: str, number: int | None, address: str, *, secure: bool) -> Claimed:
        """Take the seat of this number, or with None one as a guest. Raises as ``look``, and ``Conflict``
        where the seat is taken or no more guests may join.
        """
        lesson = self._opened_by(code, address, secure=secure)
        if number is None:
            seat, made = await self._as_guest(lesson)
        else:
            seat = self._listed(lesson, number)
            made = await self._seats.make(lesson, seat, how="list", actor_name=BY_CODE, only_free=True)
        self._log.info("seat_claimed", lesson=lesson.id, seat=seat.number, key=made.key.id)
        return Claimed(
            secret=made.secret,
            key_id=made.key.id,
            class_id=lesson.id,
            person=seat.person_id,
            name=self._name(seat),
            expires_ms=made.key.expires_ms or lesson.keys_end_ms,
        )

    def left(self, lesson: SchoolClass) -> int:
        """How many may still join."""
        return len(self._free(lesson)) + self._guests_left(lesson)

    def _opened_by(self, code: str, address: str, *, secure: bool) -> SchoolClass:
        self._attempts.check(address)
        found = self._codes.find(code)
        lesson = None if found is None else self._book.find(found.class_id)
        if lesson is None or lesson.state(self._clock.now_ms()) == "over":
            self._attempts.missed(address)
            raise NotFound(_WRONG, param="code")
        if not secure:
            self._plain.check_class(lesson)
        refused = refused_address(lesson, address)
        if refused is not None:
            raise NotPermitted(refused.message, rule=RULE, waits_for=refused.waits_for)
        return lesson

    async def _as_guest(self, lesson: SchoolClass) -> tuple[Seat, IssuedKey]:
        # One after another, so that no more come than may.
        async with self._guest_locks.setdefault(lesson.id, asyncio.Lock()):
            if self._guests_left(lesson) <= 0:
                raise Conflict("No more guests may join this class; ask your teacher for a seat.")
            # One that was released is taken again.
            free = [one for one in self._book.seats(lesson.id) if is_guest(one) and one.taken_ms is None]
            seat = free[0] if free else await self._guests.add(lesson)
            made = await self._seats.make(lesson, seat, how="guest", actor_name=BY_CODE, only_free=True)
            return seat, made

    def _listed(self, lesson: SchoolClass, number: int) -> Seat:
        seat = next((one for one in self._book.seats(lesson.id) if one.number == number), None)
        if seat is None or is_guest(seat):
            raise NotFound("The list of this class has no such name. Choose one from it.", param="number")
        if seat.taken_ms is not None:
            raise Conflict(TAKEN)
        return seat

    def _free(self, lesson: SchoolClass) -> Sequence[Seat]:
        seats = self._book.seats(lesson.id)
        return [one for one in seats if one.taken_ms is None and not is_guest(one)]

    def _guests_left(self, lesson: SchoolClass) -> int:
        there = [one for one in self._book.seats(lesson.id) if is_guest(one) and one.taken_ms is not None]
        return max(0, lesson.guests - len(there))

    def _name(self, seat: Seat) -> str:
        person = self._names.person(seat.person_id)
        return (person.name if person is not None else "") or seat.given or seat.person_id
