"""The one queue of the box: requests wait here, and nowhere else, until a source of tokens has room for them.

Dispatch happens inside ``wake``, in one go: a source's room is looked at and taken without an await between,
so two requests can never be sent into the same room. The order is first come, first served within a model.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.engines.base import Generate
from appliance.errors import CarrelError, QueueFull
from appliance.services.generation.ports import EventStream, TokenSource

RETRY_AFTER_S: Final = 5


@dataclass(frozen=True, slots=True)
class _Ticket:
    work: Generate
    sources: Sequence[TokenSource]
    turn: asyncio.Future[EventStream]


class DispatchQueue:
    """Waiting requests, a line a model. All methods run on the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines: dict[str, deque[_Ticket]] = {}
        self._waking = False

    @property
    def limit(self) -> int:
        """How many may wait."""
        return self._limit

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(len(line) for line in self._lines.values())

    def check_room(self) -> None:
        """Refuse early, before anything is prepared or held. Raises ``QueueFull``."""
        if self.waiting >= self._limit:
            raise QueueFull(
                f"{self._limit} requests are waiting already. Try again in a few seconds.",
                retry_after_s=RETRY_AFTER_S,
            )

    async def dispatch(self, model: str, work: Generate, sources: Sequence[TokenSource]) -> EventStream:
        """Wait for a source with room, send the work there, return its events. Cancelling leaves the line."""
        ticket = _Ticket(work, sources, asyncio.get_running_loop().create_future())
        line = self._lines.setdefault(model, deque())
        line.append(ticket)
        self.wake()
        try:
            return await ticket.turn
        except asyncio.CancelledError:
            self._leave(model, ticket)
            raise

    def wake(self) -> None:
        """Something may have room now: send out whoever is first in each line while there is."""
        if self._waking:  # a source tells of its change while we send into it
            return
        self._waking = True
        try:
            for line in self._lines.values():
                while line and self._send(line[0]):
                    line.popleft()
        finally:
            self._waking = False

    def give_up(self, model: str, error: CarrelError) -> None:
        """The model will not answer: fail all who wait for it."""
        for ticket in self._lines.pop(model, ()):
            if not ticket.turn.done():
                ticket.turn.set_exception(error)

    @staticmethod
    def _send(ticket: _Ticket) -> bool:
        """True when the ticket is out of the way: sent, or abandoned."""
        if ticket.turn.done():
            return True
        for source in ticket.sources:
            free = source.free
            if free.sequences >= ticket.work.n and free.kv_tokens >= ticket.work.kv_tokens:
                ticket.turn.set_result(source.open(ticket.work))
                return True
        return False

    def _leave(self, model: str, ticket: _Ticket) -> None:
        if ticket.turn.done() and not ticket.turn.cancelled() and ticket.turn.exception() is None:
            ticket.turn.result().cancel()
        line = self._lines.get(model)
        if line is not None and ticket in line:
            line.remove(ticket)
        self.wake()
