"""One HTTP/1.1 connection: uvicorn's protocol with the deadlines and limits that it does not have.

Measured with uvicorn 0.54: a connection stalled in its header stays open for ever, and a stream whose client
does not read holds its generator for ever. Here a stalled header, an unread answer and an unsent rest of a
body each have a deadline, a header has a size, and an address has a number of connections.
"""

import asyncio
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from appliance.edge.errors import error_answer
from appliance.edge.request_ids import HEADER, new_request_id
from appliance.errors import BadRequest, CarrelError, HeadersTooLarge, NotReady, RequestTimeout

_PEER_CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Deadlines in seconds. ``most_per_address`` is generous: a classroom can sit behind one address."""

    header_s: float = 10.0
    write_s: float = 30.0
    linger_s: float = 2.0
    """How long the rest of a body may still come after its answer was sent."""
    header_bytes: int = 32 * 1024
    most_connections: int = 2048
    most_per_address: int = 512


@dataclass(slots=True)
class Census:
    """How many connections a listener has, in all and by address."""

    total: int = 0
    by_address: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> None:
        """Count a connection. Unix sockets have the empty address."""
        self.total += 1
        self.by_address[address] += 1

    def leave(self, address: str) -> None:
        """Count it no more."""
        self.total -= 1
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]

    def is_over(self, limits: ConnectionLimits, address: str) -> bool:
        """Whether there are more than may be."""
        crowded = bool(address) and self.by_address[address] > limits.most_per_address
        return crowded or self.total > limits.most_connections


class Connection(HttpToolsProtocol):
    """What a listener makes for every client that connects."""

    def __init__(self, config: Config, state: ServerState, limits: ConnectionLimits, census: Census) -> None:
        super().__init__(config, state, {})
        self._limits = limits
        self._census = census
        self._address = ""
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False
        self._in_message = False
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the client, note who it is on a Unix socket, and wait for its header."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._census.enter(self._address)
        peer_uid = _peer_uid(transport)
        if peer_uid is not None:
            self.app_state = {"peer_uid": peer_uid}
        self._await_head()
        if self._census.is_over(self._limits, self._address):
            self._refuse(
                NotReady("Too many connections to this box; close some and try again."), at_once=True
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        for timer in (self._head_timer, self._write_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        self._census.leave(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, as far as the limits allow."""
        if self._refused or self.transport.is_closing():
            return
        if not self._in_message:
            self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_message and self._head_bytes > self._limits.header_bytes:
            self._refuse(_too_large(self._limits))

    def on_message_begin(self) -> None:
        """Called by the parser at the first byte of a request."""
        self._in_head = True
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Called by the parser; hands the request to the app unless its header is too large."""
        self._in_head = False
        self._in_message = True
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._head_size() > self._limits.header_bytes:
            raise _too_large(self._limits)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser at the last byte of a request."""
        self._in_message = False
        self._stop_linger()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Called when an answer was written; the rest of a body that nobody reads may come for a short time.

        Closing at once would reset the connection, and the client might never see the answer.
        """
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._stop_linger()
            self._linger_timer = self.loop.call_later(self._limits.linger_s, self.transport.abort)

    def pause_writing(self) -> None:
        """Called when the client does not read what is sent: from here on its deadline runs."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self._limits.write_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Called when the client reads again."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Called when the bytes are not HTTP, or a callback above refused them; ``msg`` is not used."""
        too_large = self.headers is not None and self._head_size() > self._limits.header_bytes
        self._refuse(_too_large(self._limits) if too_large else BadRequest("This is not HTTP/1.1."))

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.header_s, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._in_head:
            self._refuse(RequestTimeout("The request's header did not arrive in time."))
        else:
            self.transport.close()

    def _stop_linger(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _refuse(self, error: CarrelError, *, at_once: bool = False) -> None:
        """Answer without the app, and close. In the middle of another answer there is only closing."""
        if self._refused:
            return
        self._refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()
            return
        self.transport.write(_raw_answer(error))
        if at_once:
            self.transport.close()
            return
        if self.transport.can_write_eof():
            # TLS cannot say that only one side is done.
            self.transport.write_eof()
        self._stop_linger()
        self._linger_timer = self.loop.call_later(self._limits.linger_s, self.transport.abort)


def _too_large(limits: ConnectionLimits) -> HeadersTooLarge:
    return HeadersTooLarge(f"The request's header is over {limits.header_bytes} bytes.")


def _raw_answer(error: CarrelError) -> bytes:
    request_id = new_request_id()
    answer = error_answer(error, request_id)
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode(),
        b"content-type: application/json",
        b"content-length: %d" % len(answer.body),
        b"connection: close",
        HEADER + b": " + request_id.encode(),
        *(f"{name}: {value}".encode() for name, value in answer.headers.items()),
    ]
    return b"\r\n".join([*lines, b"", answer.body])


def _peer_uid(transport: asyncio.Transport) -> int | None:
    """The user id at the other end of a Unix socket, from the kernel; None for TCP."""
    connected: Any = transport.get_extra_info("socket")
    if connected is None or connected.family != socket.AF_UNIX:
        return None
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size)
    uid: int = _PEER_CREDENTIALS.unpack(credentials)[1]
    return uid
