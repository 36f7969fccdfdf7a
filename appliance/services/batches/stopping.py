"""Why the work on a batch ends before its lines do, and waiting that ends with it."""

import asyncio
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """What stops a batch."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    KEY_ENDED = "key_ended"
    BOX_STOPS = "box_stops"
    """It goes on after the next start."""


class Stop:
    """Told once; the first reason counts."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._box_stops = asyncio.Event()
        self.reason: Reason | None = None

    def tell(self, reason: Reason) -> None:
        """Stop. That the box stops overrules any other reason: nothing more is written down."""
        if self.reason is None or reason is Reason.BOX_STOPS:
            self.reason = reason
        self._told.set()
        if reason is Reason.BOX_STOPS:
            self._box_stops.set()

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
