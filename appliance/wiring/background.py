"""Work that goes on beside the rest of the gateway."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from appliance.domain.log import Log


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None], log: Log) -> AsyncIterator[None]:
    """Run ``work`` beside the rest. Its failure is a defect: logged when it happens, raised at the end."""
    task = asyncio.create_task(work)

    def note(ended: asyncio.Task[None]) -> None:
        if not ended.cancelled() and (error := ended.exception()) is not None:
            log.error("background_work_failed", exc_info=error)

    task.add_done_callback(note)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
