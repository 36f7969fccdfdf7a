"""Noticing that a client has left: work nobody waits for is ended at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar.types import Receive

from appliance.errors import ClientLeft


@asynccontextmanager
async def while_connected(receive: Receive) -> AsyncIterator[None]:
    """Run the block until it is done or the client disconnects; then cancel it and raise ``ClientLeft``.

    The body must have been read: only the disconnect may still come from ``receive``. The block is cancelled
    once, so its ``finally`` may await.
    """
    async with _ended_by_client() as ends:
        watcher = asyncio.create_task(_watch(receive, ends))
        try:
            yield
        finally:
            watcher.cancel()


@asynccontextmanager
async def _ended_by_client() -> AsyncIterator[asyncio.Timeout]:
    ends = asyncio.timeout(None)
    try:
        async with ends:
            yield ends
    except TimeoutError:
        if not ends.expired():
            raise
        raise ClientLeft("The client closed its connection.") from None


async def _watch(receive: Receive, ends: asyncio.Timeout) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    ends.reschedule(asyncio.get_running_loop().time())
