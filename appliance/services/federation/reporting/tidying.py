"""Ends signed reports that need not be offered again."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.reporting import DAY_MS
from appliance.errors import CarrelError

KEPT_DAYS: Final = 120
"""After their acknowledgement: a registry that was restored from an older backup has lost more."""
_LOOK_EVERY_S: Final = 3600.0


class Batches(Protocol):
    """Signed reports."""

    async def forget(self, before_ms: int) -> int:
        """Of those that were acknowledged before, what was signed. Returns how many."""
        ...


class Tidying:
    """Once a day."""

    def __init__(self, batches: Batches, clock: Clock, log: Log) -> None:
        self._batches = batches
        self._clock = clock
        self._log = log

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Until it is cancelled."""
        day = None
        while True:
            now_ms = self._clock.now_ms()
            if day != now_ms // DAY_MS:
                try:
                    await self._batches.forget(now_ms - KEPT_DAYS * DAY_MS)
                    day = now_ms // DAY_MS
                except CarrelError as error:
                    self._log.warning("reports_not_tidied", code=error.code)
            await sleep(_LOOK_EVERY_S)
