"""Notices that somebody uses the key of a card for the first time: from then on the seat is theirs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from appliance.domain.classes import Seat
from appliance.domain.people import Caller
from appliance.errors import CarrelError
from appliance.services.admission.gates import Asked
from appliance.services.classes.book import ClassBook

Take = Callable[[Seat], Awaitable[object]]


class FirstUses:
    """A ``Watcher`` of requests; told of sessions too. Nobody waits for what is written down."""

    def __init__(self, book: ClassBook) -> None:
        self._book = book
        self._take: Take | None = None
        self._taking: dict[str, asyncio.Task[None]] = {}

    def on_first_use(self, take: Take) -> None:
        """Who writes down that a seat is taken."""
        self._take = take

    def watch(self, asked: Asked) -> None:
        """A request that every gate let through."""
        self.used(asked.caller)

    def used(self, caller: Caller) -> None:
        """A key is used, of whomever."""
        sitting = self._book.sitting(caller)
        if self._take is None or sitting is None or sitting.seat.taken_ms is not None:
            return
        if sitting.seat.key_id == caller.key_id and caller.key_id not in self._taking:
            self._taking[caller.key_id] = asyncio.create_task(self._write(self._take, sitting.seat, caller))

    async def settled(self) -> None:
        """Wait until all of it is written down."""
        await asyncio.gather(*self._taking.values())

    async def _write(self, take: Take, seat: Seat, caller: Caller) -> None:
        try:
            # Where the disk refuses, the next use tries again.
            with suppress(CarrelError):
                await take(seat)
        finally:
            del self._taking[caller.key_id]
