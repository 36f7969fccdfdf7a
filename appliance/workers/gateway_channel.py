"""The gateway's end of a child's socket pair, on asyncio. Reading and writing wait for no client."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from appliance.workers.codec import decoder_from_child, encode
from appliance.workers.frames import FromChild, ToChild

READ_BYTES: Final = 256 * 1024


class GatewayChannel:
    """Frames to and from one child. ``on_stall`` is called when the child leaves frames unread too long."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        write_deadline_s: float,
        on_stall: Callable[[], None],
    ) -> None:
        # Low and high mark 0: ``drain`` returns only when everything is with the kernel.
        writer.transport.set_write_buffer_limits(0)
        self._reader = reader
        self._writer = writer
        self._write_deadline_s = write_deadline_s
        self._on_stall = on_stall
        self._decoder = decoder_from_child()
        self._waiting: deque[FromChild] = deque()
        self._flushing: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, sock: socket.socket, *, write_deadline_s: float, on_stall: Callable[[], None]
    ) -> "GatewayChannel":
        """Take over ``sock``."""
        reader, writer = await asyncio.open_connection(sock=sock, limit=READ_BYTES)
        return cls(reader, writer, write_deadline_s=write_deadline_s, on_stall=on_stall)

    async def receive(self) -> FromChild | None:
        """The next frame, or None when the child has closed its end. Raises ``FrameError``."""
        if self._waiting:
            # Many frames can come with one read: let those who use them run between two.
            await asyncio.sleep(0)
        while not self._waiting:
            try:
                data = await self._reader.read(READ_BYTES)
            except ConnectionError:
                return None
            if not data:
                return None
            self._waiting.extend(self._decoder.feed(data))
        return self._waiting.popleft()

    def send(self, frame: ToChild) -> None:
        """Send without waiting; nothing to a child that is gone. Raises ``FrameError`` when too large."""
        data = encode(frame)
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._flushing is None and self._writer.transport.get_write_buffer_size():
            self._flushing = asyncio.create_task(self._flush())

    async def close(self) -> None:
        """Close this end; the child sees it and exits."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait({self._flushing})
        self._writer.transport.abort()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(self._write_deadline_s):
                await self._writer.drain()
        except TimeoutError:
            self._on_stall()
        except ConnectionError:
            # The reader sees the same end of the child and says so.
            return
        finally:
            self._flushing = None
