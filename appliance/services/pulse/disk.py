"""Room on the models' disk, asked at most every few seconds and waited for not much longer than a moment: a
disk over the network may not answer at all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from appliance.domain.clock import Clock
from appliance.errors import StorageUnavailable
from appliance.services.pulse.ports import Room

EVERY_S: Final = 5.0
PATIENCE_S: Final = 1.0


class DiskRoom:
    """``look`` asks the disk, and may take forever."""

    def __init__(
        self, look: Callable[[], Awaitable[Room]], clock: Clock, patience_s: float = PATIENCE_S
    ) -> None:
        self._look = look
        self._clock = clock
        self._patience_s = patience_s
        self._last = Room(0, 0, 0)
        self._asked_s: float | None = None
        self._asking: asyncio.Future[None] | None = None

    async def now(self) -> Room:
        """As it was told last; nothing of a disk that never answered."""
        if self._asking is None and self._is_old():
            self._asked_s = self._clock.monotonic_s()
            self._asking = asyncio.ensure_future(self._ask())
        if self._asking is not None:
            await asyncio.wait([self._asking], timeout=self._patience_s)
        return self._last

    def _is_old(self) -> bool:
        return self._asked_s is None or self._clock.monotonic_s() - self._asked_s >= EVERY_S

    async def _ask(self) -> None:
        try:
            with suppress(StorageUnavailable):
                self._last = await self._look()
        finally:
            self._asking = None
