"""Who hears what happens to a run, and says what becomes of it when it is over.

A run tells its listener synchronously, so that nothing can come between its last event and its settlement.
The client of a stream listens through a ``Backlog``; a line of a batch keeps its answer instead, in the very
transaction that charges it.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.batches import LineAnswer
from appliance.domain.generation import Accepted, GenerationEvent, Settled, TokenUsage
from appliance.domain.usage import Outcome
from appliance.errors import CarrelError

BACKLOG_EVENTS: Final = 4096
"""A reader this far behind is gone or hostile; longer answers than this are read as they come."""


@dataclass(frozen=True, slots=True)
class Charge:
    """Settle the run; ``kept`` is stored with the settlement or not at all."""

    kept: LineAnswer | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Forget the run as if it had never begun: what it was to compute is computed again later."""


Verdict = Charge | Release


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run came to its end, before that is on the disk."""

    accepted: Accepted
    outcome: Outcome
    usage: TokenUsage
    error: CarrelError | None


class Listener(Protocol):
    """Called by one run, in this order. Its methods do not raise."""

    def hear(self, event: GenerationEvent) -> bool:
        """One more event; False when it cannot keep up and the run shall end."""
        ...

    def decide(self, end: RunEnd) -> Verdict:
        """All events are told; what shall be written down."""
        ...

    def end(self, end: Settled | CarrelError) -> None:
        """The decision is on the disk, or an error has ended the run. Nothing comes after this."""
        ...


class Backlog:
    """The listener that a client reads from. It decides nothing: whatever was computed is charged."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[GenerationEvent | CarrelError] = asyncio.Queue()

    def hear(self, event: GenerationEvent) -> bool:
        """Keep it until it is read."""
        self._items.put_nowait(event)
        return self._items.qsize() <= BACKLOG_EVENTS

    def decide(self, end: RunEnd) -> Verdict:  # noqa: ARG002 - a Listener
        """Charged, and nothing kept."""
        return Charge()

    def end(self, end: Settled | CarrelError) -> None:
        """The last item."""
        self._items.put_nowait(end)

    async def __aiter__(self) -> AsyncIterator[GenerationEvent]:
        """Events up to and with ``Settled``; raises the ``CarrelError`` that ended the run otherwise."""
        while True:
            item = await self._items.get()
            if isinstance(item, CarrelError):
                raise item
            yield item
            if isinstance(item, Settled):
                return
