"""Looks once a minute at which levels projects have reached, so that their days begin."""

from collections.abc import Awaitable, Callable
from typing import Final

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.services.duties.duties import Duties

EVERY_S: Final = 60.0


async def keep_looking(duties: Duties, *, sleep: Callable[[float], Awaitable[None]], log: Log) -> None:
    """Until it is cancelled. A disk that refuses is tried again a minute later."""
    while True:
        try:
            await duties.look()
        except CarrelError as error:
            log.warning("duties_not_looked_at", reason=error.message)
        await sleep(EVERY_S)
