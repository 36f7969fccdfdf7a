"""From a key in a header, or else a browser's session, to the ``Caller`` behind it, for every route that is
not explicitly public.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Final, Protocol

from litestar.types import ASGIApp, Receive, Scope, Send

from appliance.domain.people import Caller
from appliance.edge.sessions import NoSessions, Sessions, caller_of_session, cookie_in
from appliance.edge.ways import PlainHttp, PrivateOnly, is_private
from appliance.errors import NotAuthenticated

_BEARER: Final = re.compile(rb"bearer[ \t]+", re.IGNORECASE)
_KEY: Final = re.compile(r"[!-~]{1,200}\Z")
_NOT_OF_A_KEY: Final = " \t\"'`\u00a0\u2018\u2019\u201c\u201d"
"""What copying puts around a key."""
_KEY_HEADERS: Final = frozenset({b"authorization", b"x-api-key"})
_HOW: Final = "`Authorization: Bearer crl_...` is the form"


class Authenticator(Protocol):
    """Who knows the keys."""

    async def authenticate(self, raw: str, address: str = "") -> Caller:
        """The caller behind a key, given as printable ASCII, that came from ``address``.

        Raises ``NotAuthenticated``.
        """
        ...


class Callers:
    """ASGI middleware behind Litestar's router, so that it decides on the very path that was routed.

    Deny by default: only a route whose path is literally in ``public_paths`` passes without a key or session;
    one with a ``{parameter}`` as the router has it. Where there is a key, a session is not looked at. What
    came in the clear passes by ``plain`` besides.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        public_paths: Collection[str],
        sessions: Sessions | None = None,
        plain: PlainHttp | None = None,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._public_paths = frozenset(public_paths)
        self._sessions = sessions or NoSessions()
        self._plain = plain or PrivateOnly()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its caller. Raises ``NotAuthenticated``, ``NotAllowed``."""
        if not {scope["path"], scope.get("path_template", "")} & self._public_paths:
            scope["state"]["caller"] = await self._find(scope)
        await self._app(scope, receive, send)

    async def _find(self, scope: Scope) -> Caller:
        client = scope.get("client")
        address = client[0] if client else ""
        headers = list(scope["headers"])
        cookie = None if has_key(headers) else cookie_in(scope)
        if cookie is None:
            found = await self._authenticator.authenticate(key_in(headers), address)
        else:
            found = await caller_of_session(scope, cookie, self._sessions)
        caller = replace(found, address=address)
        if not is_private(scope):
            self._plain.check(caller)
        return caller


def caller_of(scope: Scope) -> Caller:
    """The caller that ``Callers`` found. Raises ``NotAuthenticated`` on a public route."""
    caller = scope["state"].get("caller")
    if not isinstance(caller, Caller):
        raise NotAuthenticated("Send a key: `Authorization: Bearer crl_...`.")
    return caller


def has_key(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether anything stands where a key belongs."""
    return any(name in _KEY_HEADERS for name, _ in headers)


def key_in(headers: list[tuple[bytes, bytes]]) -> str:
    """The key in ``Authorization: Bearer`` or else ``x-api-key``. Raises ``NotAuthenticated``."""
    bearers = [value for name, value in headers if name == b"authorization"]
    plain = [value for name, value in headers if name == b"x-api-key"]
    if len(bearers) > 1 or len(plain) > 1:
        raise NotAuthenticated("Send one key, once.")
    if not bearers and not plain:
        raise NotAuthenticated(
            "Send a key: `Authorization: Bearer crl_...`; `carrel key new NAME` makes one."
        )
    return _only_key(_without_scheme(bearers[0]) if bearers else plain[0])


def _without_scheme(header: bytes) -> bytes:
    scheme = _BEARER.match(header)
    if scheme is None:
        raise NotAuthenticated(f"The header does not begin with the word Bearer: {_HOW}.")
    rest = header[scheme.end() :]
    if _BEARER.match(rest):
        raise NotAuthenticated(f"The header has the word Bearer twice: {_HOW}. Leave one of them out.")
    return rest


def _only_key(value: bytes) -> str:
    key = value.decode("utf-8", "replace").strip(_NOT_OF_A_KEY)
    if _KEY.match(key) is None:
        raise NotAuthenticated(f"The header does not hold one key: {_HOW}.")
    return key
