"""Once an hour: seeds for the days to come, and sealed content that has had its time is deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.ports import SealedContent

EVERY_S: Final = 3600.0


async def keep_samples(
    book: RuleBook,
    sealed: SealedContent,
    clock: Clock,
    log: Log,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled. What the disk refuses is tried again in an hour."""
    while True:
        try:
            await book.look_ahead()
            await book.flush()
            if deleted := await sealed.expire(clock.now_ms()):
                log.info("sealed content deleted", count=deleted)
        except CarrelError as error:
            log.warning("samples_not_kept", error=error.code)
        await pause(EVERY_S)
