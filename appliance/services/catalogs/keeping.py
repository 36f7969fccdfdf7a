"""Keeps catalogs fresh by itself: a refresh every so many hours, and a look each hour at what time did."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.outbound.switch import Switch
from appliance.outbound.waking import Waking
from appliance.services.catalogs.catalogs import CatalogService

HOUR_S: Final = 3600.0
_FIRST_S: Final = 600
_JITTER: Final = 0.1
Sleep = Callable[[float], Awaitable[None]]


async def keep_fresh(
    service: CatalogService, *, every_h: int, switch: Switch, log: Log, sleep: Sleep = asyncio.sleep
) -> None:
    """Until it is cancelled; with ``every_h`` 0 nothing is fetched, and the clock still looked at.

    The first fetch comes within ten minutes, others within a tenth of their time, so that the boxes of a
    campus do not all ask at once. A box that comes back online asks at once. A network that is not there is
    nobody's fault and in no log.
    """
    waking = Waking(switch, sleep)
    left_h = 0.0
    await waking.sleep(secrets.randbelow(_FIRST_S))
    while True:
        came = waking.came_online()
        due = every_h > 0 and not switch.offline and (came or left_h <= 0)
        try:
            if due:
                await service.bring()
            else:
                await service.look_again()
        except CarrelError as error:
            log.warning("catalogs_not_kept", reason=error.message)
        if due:
            left_h = every_h * (1 + _JITTER * secrets.randbelow(1000) / 1000)
        await waking.sleep(HOUR_S)
        left_h -= 1
