"""Syncs in the background, beside everything else: when it is due, and when somebody wishes it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership, SyncTimes
from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.outbound.switch import Switch
from appliance.outbound.waking import Waking
from appliance.services.federation.schedule import due_in_ms
from appliance.services.federation.syncing import SyncReport

LOOK_S: Final = 60.0
"""A clock that was set, and a box that slept, are noticed within this."""
BEGIN_S: Final = 10.0
"""So that a box that starts serves before it syncs."""

Sleep = Callable[[float], Awaitable[None]]


class Syncs(Protocol):
    """One sync."""

    async def sync(self) -> SyncReport:
        """What goes wrong on the way is in the report."""
        ...


class Remembered(Protocol):
    """How the last one went."""

    async def times(self) -> SyncTimes:
        """Of syncs."""
        ...


class Who(Protocol):
    """Where the box belongs."""

    @property
    def membership(self) -> Membership | None:
        """None: nowhere."""
        ...


class Keeping:
    """``every_h`` 0: by hand only. An offline box syncs nothing, and at once when it is back."""

    def __init__(
        self,
        syncs: Syncs,
        remembered: Remembered,
        who: Who,
        *,
        every_h: int,
        switch: Switch,
        clock: Clock,
        log: Log,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._syncs = syncs
        self._remembered = remembered
        self._who = who
        self._every_h = every_h
        self._switch = switch
        self._clock = clock
        self._log = log
        self._waking = Waking(switch, sleep)

    async def run(self) -> None:
        """Until it is cancelled."""
        if not self._every_h:
            return
        await self._waking.sleep(BEGIN_S)
        while True:
            await self._waking.sleep(await self.step())

    async def step(self) -> float:
        """Sync if it is due; in how many s to look again."""
        if self._who.membership is None or self._switch.offline:
            return LOOK_S
        try:
            times = await self._remembered.times()
            wait_ms = due_in_ms(times, self._clock.now_ms(), every_h=self._every_h)
            if wait_ms == 0 or self._waking.came_online():
                await self._syncs.sync()
                return 1.0
        except CarrelError as error:
            self._log.warning("federation_sync_failed", reason=error.message)
            return LOOK_S
        return min(LOOK_S, (wait_ms or 0) / 1000 or LOOK_S)
