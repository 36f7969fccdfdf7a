"""A streamed answer that ends with its client: pings in silence; its source is closed whatever happens."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from appliance.edge.leaving import while_connected
from appliance.errors import ClientLeft

PING: Final = b": ping\n\n"

Chunks = AsyncGenerator[bytes, None]


class EventStream(Response[bytes]):
    """Server-sent events, already encoded. Litestar's own ``Stream`` leaves closing to the garbage collector.

    ``close`` is awaited once the answer is over in any way, also when ``chunks`` was never started.
    """

    def __init__(
        self,
        chunks: Chunks,
        *,
        close: Callable[[], Awaitable[None]],
        ping_s: float,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(b"", headers=dict(headers), media_type="text/event-stream")
        self._chunks = chunks
        self._close = close
        self._ping_s = ping_s

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        """What Litestar calls to get the answer as an ASGI app."""
        return _StreamedEvents(self._chunks, self._close, self._ping_s, dict(self.headers))


class _StreamedEvents(ASGIResponse):
    _should_set_content_length = False

    def __init__(
        self, chunks: Chunks, close: Callable[[], Awaitable[None]], ping_s: float, headers: dict[str, str]
    ) -> None:
        super().__init__(headers=headers, media_type="text/event-stream")
        self._chunks = chunks
        self._close = close
        self._ping_s = ping_s
        self._last_sent_s = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        try:
            await self.start_response(send)
            async with while_connected(receive), aclosing(self._chunks) as chunks:
                await self._send_all(chunks, send)
        except ClientLeft:
            return
        finally:
            await self._close()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, chunks: Chunks, send: Send) -> None:
        pinger = asyncio.create_task(self._ping(send))
        try:
            async for chunk in chunks:
                await self._send(chunk, send)
                # A source with everything at hand never suspends, and would stop the whole box without this.
                await asyncio.sleep(0)
        finally:
            pinger.cancel()

    async def _send(self, chunk: bytes, send: Send) -> None:
        self._last_sent_s = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _ping(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        self._last_sent_s = loop.time()
        while True:
            await asyncio.sleep(self._last_sent_s + self._ping_s - loop.time())
            if loop.time() >= self._last_sent_s + self._ping_s:
                await self._send(PING, send)
