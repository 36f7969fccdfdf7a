"""What has to be looked at from time to time: windows and keys of batches, files whose time is over."""

import asyncio
from typing import Final

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.services.batches.batches import BatchService
from appliance.services.files import FileService

TICK_S: Final = 5.0
TICKS_A_SWEEP: Final = 720
"""An hour."""


async def keep_house(
    batches: BatchService,
    files: FileService,
    log: Log,
    *,
    tick_s: float = TICK_S,
    ticks_a_sweep: int = TICKS_A_SWEEP,
) -> None:
    """Run until cancelled. What the disk refuses is tried again the next time."""
    while True:
        for _ in range(ticks_a_sweep):
            batches.tick()
            await asyncio.sleep(tick_s)
        try:
            if removed := await files.sweep():
                log.info("files_expired", files=removed)
        except CarrelError as error:
            log.warning("files_not_swept", code=error.code)
