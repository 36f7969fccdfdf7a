"""Which web pages may use the API from a browser (CORS, as the Fetch standard has it).

An origin is allowed if it is literally in the list: no patterns. Cookies and the like are never asked for,
since a key is sent with each request, so no answer says that credentials are allowed.
"""

import re
from collections.abc import Iterable
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED: Final = (
    "request-id",
    "retry-after",
    "x-carrel-ignored",
    "x-carrel-leaves-box",
    "x-carrel-notice",
    "x-carrel-queue-position",
    "x-carrel-seed",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-request-id",
    "x-should-retry",
)
"""Headers of an answer that a page may read."""

_METHODS: Final = b"GET, HEAD, POST, DELETE"
_REMEMBER_S: Final = b"600"
_METHOD: Final = b"access-control-request-method"
_WISHES: Final = b"access-control-request-headers"
_HEADER_NAMES: Final = re.compile(rb"[A-Za-z0-9, _-]{0,2000}\Z")

_Headers = list[tuple[bytes, bytes]]


class Cors:
    """ASGI middleware outside of everything that asks for a key: a preflight comes without one."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what an allowed page asks for is answered for its browser too."""
        if not self._origins:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"])
        origin = given.get(b"origin", b"")
        if origin not in self._origins:
            await self._app(scope, receive, _with(send, [(b"vary", b"origin")]))
            return
        allowed = [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        if scope.get("method") == "OPTIONS" and _METHOD in given:
            await _answer_preflight(send, allowed, given.get(_WISHES, b""))
            return
        exposed = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
        await self._app(scope, receive, _with(send, [*allowed, exposed]))


async def _answer_preflight(send: Send, allowed: _Headers, wishes: bytes) -> None:
    """Yes to any header: clients send many of their own, and none of them decides anything here."""
    headers = [
        *allowed,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-max-age", _REMEMBER_S),
    ]
    if wishes and _HEADER_NAMES.match(wishes):
        headers.append((b"access-control-allow-headers", wishes))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _with(send: Send, headers: _Headers) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with
