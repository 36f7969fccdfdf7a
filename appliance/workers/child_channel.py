"""A child's end of its socket pair: it blocks while there is nothing to do and never otherwise."""

import socket
import threading
from collections import deque
from contextlib import suppress
from typing import Final

from appliance.workers.codec import decoder_to_child, encode
from appliance.workers.frames import FromChild, ToChild

READ_BYTES: Final = 256 * 1024


class GatewayGone(Exception):
    """The other end is closed: there is nobody left to work for."""


class ChildChannel:
    """Blocking frames over an inherited, blocking socket. Any thread may send; one reads."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._decoder = decoder_to_child()
        self._buffer = bytearray(READ_BYTES)
        self._waiting: deque[ToChild] = deque()
        self._sending = threading.Lock()

    def receive(self) -> ToChild:
        """Wait for one frame. Raises ``GatewayGone``, ``FrameError``."""
        while not self._waiting:
            self._read()
        return self._waiting.popleft()

    def wait(self) -> list[ToChild]:
        """Wait until there is a frame, then take all that came. Raises ``GatewayGone``, ``FrameError``."""
        while not self._waiting:
            self._read()
        return self._taken()

    def drain(self) -> list[ToChild]:
        """All frames that are there, in one system call, waiting for none. Raises as ``wait`` does."""
        with suppress(BlockingIOError):
            self._read(socket.MSG_DONTWAIT)
        return self._taken()

    def send(self, frame: FromChild) -> None:
        """Send all of it, however long the gateway takes to read. Raises ``GatewayGone``, ``FrameError``."""
        data = encode(frame)
        try:
            # ``sendall`` can take several system calls: without the lock two frames would run into another.
            with self._sending:
                self._socket.sendall(data)
        except ConnectionError as error:
            raise GatewayGone from error

    def _read(self, flags: int = 0) -> None:
        try:
            size = self._socket.recv_into(self._buffer, 0, flags)
        except ConnectionError as error:
            raise GatewayGone from error
        if not size:
            raise GatewayGone
        self._waiting.extend(self._decoder.feed(memoryview(self._buffer)[:size]))

    def _taken(self) -> list[ToChild]:
        frames = list(self._waiting)
        self._waiting.clear()
        return frames
