"""The keys of seats: one that works for each, made anew, ended; what a seat has left goes with it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final

from appliance.domain.classes import How, SchoolClass, Seat
from appliance.domain.clock import Clock
from appliance.domain.enrolling import NewSeatKey, SeatChange
from appliance.domain.log import Log
from appliance.errors import Conflict, NotFound
from appliance.services.classes.book import ClassBook
from appliance.services.classes.ports import Classes, Settling
from appliance.services.classes.recapping import limits_of
from appliance.services.classes.seat_costs import SeatCosts
from appliance.services.keys import KeyService
from appliance.services.people.issuing import IssuedKey

MOST_WAIT_S: Final = 5.0
TAKEN: Final = "Somebody took this seat a moment ago. Choose another name, or ask your teacher."


class SeatKeys:
    """A seat is changed by one at a time, so that of two who claim it one is told so."""

    def __init__(
        self,
        *,
        classes: Classes,
        book: ClassBook,
        keys: KeyService,
        costs: SeatCosts,
        runs: Settling,
        clock: Clock,
        log: Log,
    ) -> None:
        self._classes = classes
        self._book = book
        self._keys = keys
        self._costs = costs
        self._runs = runs
        self._clock = clock
        self._log = log
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def make(
        self, lesson: SchoolClass, seat: Seat, *, how: How, actor_name: str, only_free: bool = False
    ) -> IssuedKey:
        """A key of a seat in place of the one that it has, which stops working; what runs with that one ends
        and is charged before. ``how`` ``list`` and ``guest`` mean that somebody sits there from now on; a key
        on a card is nobody's until it is used (``take``). With ``only_free`` a seat that somebody took is
        left to them.

        Raises ``Conflict`` for a class that is over and a seat that is not free, ``BadRequest`` where nobody
        knows what tokens cost, ``NotFound`` for a seat that is not there any more.
        """
        (made,) = await self.make_all(lesson, [seat], how=how, actor_name=actor_name, only_free=only_free)
        return made

    async def make_all(
        self,
        lesson: SchoolClass,
        seats: Sequence[Seat],
        *,
        how: How,
        actor_name: str,
        only_free: bool = False,
    ) -> Sequence[IssuedKey]:
        """As ``make``, for several in one commit; in their order."""
        async with self._alone(seats):
            now = self._not_over(lesson)
            limit_micro = await self._costs.micro(now, now.caps.tokens)
            theirs = [self._seat(one) for one in seats]
            if only_free and any(one.taken_ms is not None for one in theirs):
                raise Conflict(TAKEN)
            await self._end_keys(theirs)
            made = [self._issued(now, one) for one in theirs]
            changes = [
                self._change(seat, key, how, limit_micro) for seat, key in zip(theirs, made, strict=True)
            ]
            await self._classes.change_seats(changes)
            self._tell(changes, made)
        self._log.info("seat_keys", lesson=now.id, who=actor_name, how=how, keys=len(made))
        return made

    async def end(self, seat: Seat) -> Seat:
        """Its key stops working, what runs with it ends, and the seat is free. Raises ``NotFound``."""
        async with self._alone([seat]):
            theirs = self._seat(seat)
            await self._end_keys([theirs])
            free = replace(theirs, key_id=None, taken_ms=None, how="")
            await self._classes.change_seats([SeatChange(free, self._clock.now_ms(), ends=theirs.key_id)])
            return self._put(free)

    async def take(self, seat: Seat, how: How) -> Seat:
        """Somebody used its key for the first time, so the seat is theirs; the first time counts. Raises
        ``NotFound``.
        """
        if (there := self._seat(seat)).taken_ms is not None:
            return there
        async with self._alone([seat]):
            theirs = self._seat(seat)
            if theirs.taken_ms is None:
                theirs = replace(theirs, taken_ms=self._clock.now_ms(), how=how)
                await self._classes.change_seats([SeatChange(theirs, self._clock.now_ms())])
                theirs = self._put(theirs)
            return theirs

    @asynccontextmanager
    async def _alone(self, seats: Sequence[Seat]) -> AsyncIterator[None]:
        """Scope in which nobody else changes these seats. In one order, so that nobody waits for ever."""
        places = sorted({(one.class_id, one.person_id) for one in seats})
        async with AsyncExitStack() as held:
            for place in places:
                await held.enter_async_context(self._locks.setdefault(place, asyncio.Lock()))
            yield

    def _not_over(self, lesson: SchoolClass) -> SchoolClass:
        now = self._book.require(lesson.id)
        if now.state(self._clock.now_ms()) == "over":
            raise Conflict(f"Class `{now.id}` is over, so no keys are made for it. Make another class.")
        return now

    def _seat(self, seat: Seat) -> Seat:
        found = self._book.seat(seat.class_id, seat.person_id)
        if found is None:
            raise NotFound("This seat is not there any more. `carrel class seats NAME` shows them.")
        return found

    async def _end_keys(self, seats: Sequence[Seat]) -> None:
        """Refused from now on, whatever the disk says; what they ran is charged before it is asked what is
        left.
        """
        before = [one.key_id for one in seats if one.key_id is not None]
        for key_id in before:
            self._keys.refuse(key_id)
        settling = [asyncio.ensure_future(self._runs.settled_of_key(key_id)) for key_id in before]
        if settling:
            # What does not end in time counts as if it used all that it holds.
            _, late = await asyncio.wait(settling, timeout=MOST_WAIT_S)
            for wait in late:
                wait.cancel()

    def _issued(self, lesson: SchoolClass, seat: Seat) -> IssuedKey:
        return self._keys.issuer.issue(
            name=f"{lesson.id} seat {seat.number}",
            person=seat.person_id,
            project=lesson.project_id,
            expires_days=None,
            not_after_ms=lesson.keys_end_ms,
            limits=limits_of(lesson.caps),
            for_paper=True,
        )

    def _change(self, seat: Seat, made: IssuedKey, how: How, limit_micro: int | None) -> SeatChange:
        now_ms = self._clock.now_ms()
        taken_ms = seat.taken_ms if how == "card" else seat.taken_ms or now_ms
        # Whoever holds a card sits there once they use it.
        kept: How = seat.how if seat.taken_ms is not None or how == "card" else how
        return SeatChange(
            replace(seat, key_id=made.key.id, taken_ms=taken_ms, how=kept),
            now_ms,
            ends=seat.key_id,
            made=NewSeatKey(made.key, made.digest, limit_micro),
        )

    def _tell(self, changes: Sequence[SeatChange], made: Sequence[IssuedKey]) -> None:
        for change, key in zip(changes, made, strict=True):
            self._keys.ring.put(key.digest, key.key)
            self._book.put_key(key.key.id, change.seat.class_id, change.seat.person_id)
            self._put(change.seat)

    def _put(self, seat: Seat) -> Seat:
        """Its key and who took it; what its list calls it may have changed meanwhile."""
        there = self._seat(seat)
        put = replace(there, key_id=seat.key_id, taken_ms=seat.taken_ms, how=seat.how)
        self._book.put_seat(put)
        return put
