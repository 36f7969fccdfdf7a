"""Looks once a minute at what nobody tells of: disks, models, leases, who waits. What goes on is told when it
begins, and again after a day; what has ended is forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from appliance.domain.alerts import AlertLevel, Sign
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.policy.alerting import is_worse, stands
from appliance.services.alerts.ports import Probe, Telling

EVERY_S: Final = 60.0


class Lookout:
    """One probe that fails keeps nobody from hearing of the others."""

    def __init__(self, probes: Sequence[Probe], alerts: Telling, clock: Clock, log: Log) -> None:
        self._probes = tuple(probes)
        self._alerts = alerts
        self._clock = clock
        self._log = log
        self._standing: dict[tuple[str, str], tuple[AlertLevel, int]] = {}

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await pause(EVERY_S)

    async def look(self) -> None:
        """At everything, once."""
        seen: dict[tuple[str, str], Sign] = {}
        for probe in self._probes:
            for sign in await self._signs(probe):
                seen[sign.kind, sign.subject] = sign
        now_ms = self._clock.now_ms()
        self._standing = {place: was for place, was in self._standing.items() if place in seen}
        for place, sign in seen.items():
            level, told_ms = self._standing.get(place, (sign.level, None))
            if stands(told_ms, now_ms) or is_worse(sign.level, level):
                self._standing[place] = (sign.level, now_ms)
                self._alerts.tell(sign)

    async def _signs(self, probe: Probe) -> Sequence[Sign]:
        try:
            return await probe()
        except CarrelError as error:
            self._log.warning("probe_failed", error=error.code)
            return ()
