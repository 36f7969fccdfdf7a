"""Sends one request and notes every piece of the answer with its moment; reads nothing of it.

Over plain HTTP by an ``asyncio.Protocol``: httpx takes ten times the processor time for each chunk, which
would slow down the server that is measured on the same machine. Over TLS by httpx.
"""

import asyncio
import time
from typing import Final, Protocol

import httpx

from appliance.bench.framing import BadFraming, unframed
from appliance.bench.reading import Piece, Received
from appliance.errors import BadRequest

_PATH: Final = "chat/completions"


class Sender(Protocol):
    """A way to an API. ``body`` is JSON, ``key`` may be empty."""

    async def send(self, body: bytes, key: str) -> Received:
        """Never raises for what goes wrong on the way: that is part of what is measured."""
        ...

    async def close(self) -> None:
        """Let go of what is still open."""
        ...


def sender_to(url: str, timeout_s: float) -> Sender:
    """The sender for an address up to and with ``/v1``. Raises ``BadRequest`` for what is no address."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        raise BadRequest("The address must look like http://HOST:7411/v1.", param="url") from error
    if not address.host or address.scheme not in {"http", "https"}:
        raise BadRequest("The address must look like http://HOST:7411/v1.", param="url")
    return PlainSender(address, timeout_s) if address.scheme == "http" else TlsSender(address, timeout_s)


class _Listening(asyncio.Protocol):
    """Notes what comes until the server closes the connection."""

    def __init__(self, ended: asyncio.Future[None]) -> None:
        self.pieces: list[Piece] = []
        self._ended = ended

    def data_received(self, data: bytes) -> None:
        self.pieces.append(Piece(time.perf_counter(), data))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        if not self._ended.done():
            self._ended.set_result(None)


class PlainSender:
    """One connection a request, closed by the server at the end of its answer."""

    def __init__(self, address: httpx.URL, timeout_s: float) -> None:
        self._host, self._port = address.host, address.port or 80
        self._path = f"{address.path.rstrip('/')}/{_PATH}"
        self._named = address.netloc.decode("ascii")
        self._timeout_s = timeout_s

    async def send(self, body: bytes, key: str) -> Received:
        """See ``Sender``."""
        sent_s = time.perf_counter()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        try:
            async with asyncio.timeout(self._timeout_s):
                transport, listening = await loop.create_connection(
                    lambda: _Listening(ended), self._host, self._port
                )
                try:
                    transport.write(self._head(len(body), key) + body)
                    await ended
                finally:
                    transport.abort()
            status, pieces = unframed(listening.pieces)
        except TimeoutError:
            return Received(sent_s, 0, (), f"no full answer in {self._timeout_s:g} s")
        except (OSError, BadFraming) as error:
            return Received(sent_s, 0, (), str(error))
        return Received(sent_s, status, pieces)

    async def close(self) -> None:
        """See ``Sender``."""

    def _head(self, length: int, key: str) -> bytes:
        lines = [
            f"POST {self._path} HTTP/1.1",
            f"host: {self._named}",
            "content-type: application/json",
            "accept: text/event-stream",
            f"content-length: {length}",
            "connection: close",
            *([f"authorization: Bearer {key}"] if key else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class TlsSender:
    """httpx's pool of connections."""

    def __init__(self, address: httpx.URL, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            base_url=address,
            timeout=httpx.Timeout(timeout_s),
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
        )

    async def send(self, body: bytes, key: str) -> Received:
        """See ``Sender``."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        sent_s = time.perf_counter()
        pieces: list[Piece] = []
        try:
            async with self._http.stream("POST", _PATH, content=body, headers=headers) as answer:
                async for data in answer.aiter_bytes():
                    pieces.append(Piece(time.perf_counter(), data))  # noqa: PERF401 - kept up to a failure
        except httpx.TimeoutException:
            return Received(sent_s, 0, (), f"nothing came for {self._timeout_s:g} s")
        except httpx.HTTPError as error:
            return Received(sent_s, 0, (), str(error) or type(error).__name__)
        return Received(sent_s, answer.status_code, pieces)

    async def close(self) -> None:
        """Close the pool."""
        await self._http.aclose()
