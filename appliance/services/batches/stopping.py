"""Why the work on a batch ends before its lines do, and waiting that ends with it."""

import asyncio
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any, Final


class Reason(StrEnum):
    """What stops a batch."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    KEY_ENDED = "key_ended"
    PAUSED = "paused"
    """It goes on when an operator says so."""
    BOX_STOPS = "box_stops"
    """It goes on after the next start."""


LETS_LINES_END: Final = frozenset({Reason.CANCELLED, Reason.EXPIRED, Reason.PAUSED})
"""Where what is computed comes to its end, and only what waits is given up."""


class Stop:
    """The first reason counts, but for a pause, which gives way to any other."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._box_stops = asyncio.Event()
        self._not_paused = asyncio.Event()
        self._not_paused.set()
        self.reason: Reason | None = None

    def tell(self, reason: Reason) -> None:
        """Stop. That the box stops overrules any other reason: nothing more is written down."""
        if self.reason in {None, Reason.PAUSED} or reason is Reason.BOX_STOPS:
            self.reason = reason
        self._told.set()
        if self.reason is Reason.PAUSED:
            self._not_paused.clear()
        else:
            self._not_paused.set()
        if reason is Reason.BOX_STOPS:
            self._box_stops.set()

    def resume(self) -> None:
        """Take a pause back; nothing else can be."""
        if self.reason is Reason.PAUSED:
            self.reason = None
            self._told.clear()
            self._not_paused.set()

    async def not_paused(self) -> None:
        """Wait until it goes on, or has another reason not to."""
        await self._not_paused.wait()

    async def or_done(self, work: Coroutine[Any, Any, None], *, for_box_only: bool = False) -> bool:
        """Do the work; False where it was stopped before its end, and cancelled. ``for_box_only``: nothing
        but the end of the box stops it.
        """
        doing = asyncio.ensure_future(work)
        told = asyncio.ensure_future((self._box_stops if for_box_only else self._told).wait())
        try:
            await asyncio.wait([doing, told], return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                await doing
            return doing.done()
        finally:
            told.cancel()
            doing.cancel()
