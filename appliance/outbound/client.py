"""The client. One a host: fixed base address, TLS, no redirects, no cookies, no compression, all bounded.

Its headers are those that are given here and no others; proxies are those of the settings, and nothing of
the environment counts. Where the box is offline every call is refused before a socket is opened, and one that
is under way is cut when it goes offline.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from appliance import __version__
from appliance.outbound.address import Address
from appliance.outbound.certificates import trusted
from appliance.outbound.events import EventReader, TooLarge
from appliance.outbound.failures import ENCODED, REDIRECT, TOO_LARGE, failed, translated
from appliance.outbound.limits import Limits
from appliance.outbound.switch import Switch

_OWN_HEADERS: Final = {
    "user-agent": f"carrel/{__version__}",
    "accept-encoding": "identity",
    "accept": "application/json, text/event-stream",
}
_EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read whole. ``retry_after`` is as it was sent; empty: it was not. Names of
    ``headers`` are lower case, and of ``content_type`` only the type is kept.
    """

    status: int
    body: bytes
    retry_after: str = ""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Outbound:
    """Makes clients. ``switch`` is the box's one; ``proxy`` an address, or empty for none; ``ca_file`` has
    more certificates to trust.
    """

    def __init__(self, *, switch: Switch, proxy: str = "", ca_file: str = "") -> None:
        self._switch = switch
        self._proxy = proxy
        self._ca_file = ca_file

    def client(self, address: Address, limits: Limits | None = None) -> "Client":
        """A client for one address. Nothing is opened yet."""
        return Client(
            address, limits or Limits(), switch=self._switch, proxy=self._proxy, ca_file=self._ca_file
        )


class Client:
    """Close it with ``aclose``."""

    def __init__(
        self, address: Address, limits: Limits, *, switch: Switch, proxy: str, ca_file: str = ""
    ) -> None:
        self._address = address
        self._limits = limits
        self._switch = switch
        self._proxy = "" if address.nearby else proxy
        self._ca_file = ca_file
        self._http: httpx.AsyncClient | None = None

    @property
    def host(self) -> str:
        """To whom it speaks."""
        return self._address.host

    async def get(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Read an answer whole. Raises ``Offline``, ``OutboundFailed``."""
        async with self._sent("GET", path, headers, b"") as response:
            return await self._whole(response)

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send JSON; read the answer whole, whatever its status. Raises ``Offline``, ``OutboundFailed``."""
        sent = {"content-type": "application/json", **headers}
        async with self._sent("POST", path, sent, body) as response:
            return await self._whole(response)

    @asynccontextmanager
    async def events(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> AsyncGenerator["Reply | AsyncIterator[bytes]"]:
        """Scope of a POST: the data of the events of its answer, or a ``Reply`` where it is anything else.

        Leaving the scope, or cancelling in it, closes the connection. Raises ``Offline``,
        ``OutboundFailed``, while it is iterated too.
        """
        sent = {"content-type": "application/json", **headers}
        async with self._sent("POST", path, sent, body) as response:
            if response.status_code == httpx.codes.OK and _kind(response) == _EVENTS:
                yield self._events_in(response)
            else:
                yield await self._whole(response)

    async def aclose(self) -> None:
        """Close what is open. It can be used again."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> AsyncGenerator[httpx.Response]:
        async with self._switch.asking():
            with translated(self.host, proxied=bool(self._proxy)):
                async with (
                    asyncio.timeout(self._limits.total_s),
                    self._open().stream(
                        method,
                        self._address.url(path),
                        headers={**_OWN_HEADERS, **headers},
                        content=body or None,
                    ) as response,
                ):
                    self._check(response)
                    yield response

    def _check(self, response: httpx.Response) -> None:
        if 300 <= response.status_code < 400:
            raise failed(self.host, REDIRECT)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise failed(self.host, ENCODED)

    async def _whole(self, response: httpx.Response) -> Reply:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise failed(self.host, TOO_LARGE)
        return Reply(
            response.status_code,
            bytes(body),
            response.headers.get("retry-after", ""),
            _kind(response),
            dict(response.headers),
        )

    async def _events_in(self, response: httpx.Response) -> AsyncIterator[bytes]:
        reader = EventReader(line_bytes=self._limits.line_bytes, stream_bytes=self._limits.stream_bytes)
        with translated(self.host):
            async for chunk in response.aiter_raw():
                try:
                    for data in reader.feed(chunk):
                        yield data
                except TooLarge:
                    raise failed(self.host, TOO_LARGE) from None

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            limits = self._limits
            self._http = httpx.AsyncClient(
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                follow_redirects=False,
                http2=False,
                limits=httpx.Limits(max_connections=limits.connections),
                proxy=self._proxy or None,
                timeout=httpx.Timeout(limits.silence_s, connect=limits.connect_s, pool=limits.connect_s),
                trust_env=False,
                verify=trusted(self._ca_file) if self._ca_file else True,
            )
        return self._http


def _kind(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower()
