"""A browser's session, as it travels: a cookie that no script can read, and a token for what changes things.

The token is derived from the cookie, so that nothing is stored for it: who can read the box's pages has it,
and a page of somebody else cannot have it. Pages that send forms need a referrer policy under which browsers
tell their origin; ``no-referrer`` makes it ``null`` (Fetch, "append a request Origin header").
"""

import base64
import hashlib
import hmac
import re
from http.cookies import SimpleCookie
from typing import Final, Protocol

from litestar.types import Scope

from appliance.domain.people import Caller
from appliance.edge.ways import is_private
from appliance.errors import NotAllowed, NotAuthenticated

COOKIE: Final = "carrel_session"
"""Its name in the clear; another than over TLS, so that nobody on the network can slip theirs under it."""
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
"""Over TLS. Browsers take a cookie of this prefix from TLS only, for this very host."""
CSRF_HEADER: Final = "x-carrel-csrf"
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})

_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
"""32 bytes in base64url."""
_LABEL: Final = b"carrel csrf 1"
_ORIGIN: Final = re.compile(rb"https?://([^/?#@\s]{1,300})\Z", re.IGNORECASE)
_SIGN_IN: Final = "Sign in again."


class Sessions(Protocol):
    """Who knows the sessions."""

    async def caller(self, cookie: str, *, secure: bool, address: str) -> Caller:
        """Whose session it is. ``secure``: it came where nobody could read along, from ``address``.

        Raises ``NotAuthenticated``.
        """
        ...


class NoSessions:
    """There are none."""

    async def caller(self, cookie: str, *, secure: bool, address: str) -> Caller:  # noqa: ARG002 - any
        """Raises ``NotAuthenticated``."""
        raise NotAuthenticated("Nobody can sign in here; send a key: `Authorization: Bearer crl_...`.")


def cookie_name(scope: Scope) -> str:
    """Under which a session travels on this way."""
    return SECURE_COOKIE if scope["scheme"] == "https" else COOKIE


def cookie_in(scope: Scope) -> str | None:
    """The session's cookie in a request; None without one. Raises ``NotAuthenticated`` for several, or one
    that the box never gave.
    """
    wanted = cookie_name(scope).encode()
    pairs = [
        pair.strip().partition(b"=")
        for name, value in scope["headers"]
        if name == b"cookie"
        for pair in value.split(b";")
    ]
    found = [value.strip() for name, _, value in pairs if name.strip() == wanted]
    if not found:
        return None
    value = found[0].decode("latin-1")
    if len(found) > 1 or _VALUE.match(value) is None:
        raise NotAuthenticated(f"The cookie of the session is not one that this box gave. {_SIGN_IN}")
    return value


def set_cookie(scope: Scope, cookie: str, lasts_s: int) -> str:
    """The value of ``Set-Cookie`` that begins a session on this way."""
    return _set_cookie(scope, cookie, max(0, lasts_s))


def drop_cookie(scope: Scope) -> str:
    """The value of ``Set-Cookie`` that makes the browser forget it."""
    return _set_cookie(scope, "", 0)


def csrf_token(cookie: str) -> str:
    """What a page of the box sends along with whatever changes something: HMAC-SHA256 in base64url."""
    mac = hmac.new(cookie.encode(), _LABEL, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def check_origin(scope: Scope) -> None:
    """Raises ``NotAllowed`` where a browser says that a page of another place sent the request."""
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    if not origins:
        return
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    found = _ORIGIN.match(origins[0])
    if len(origins) > 1 or len(hosts) != 1 or found is None or found[1].lower() != hosts[0].lower():
        raise NotAllowed("A page of another place sent this, so nothing was done; open the box's own page.")


def check_csrf(scope: Scope, given: str | None, cookie: str) -> None:
    """Of a request that changes something. Raises ``NotAllowed``."""
    check_origin(scope)
    if given is None or not hmac.compare_digest(given.encode(), csrf_token(cookie).encode()):
        raise NotAllowed(
            f"A session that changes something sends its token along, in `{CSRF_HEADER}`; reload the page and"
            " do it again."
        )


async def caller_of_session(scope: Scope, cookie: str, sessions: Sessions) -> Caller:
    """Whose session it is, for a request that no other place sent. What changes something has to show its
    token, in its header, too. Raises ``NotAuthenticated``, ``NotAllowed``.
    """
    client = scope.get("client")
    caller = await sessions.caller(
        cookie, secure=is_private(scope), address=client[0] if client is not None else ""
    )
    check_origin(scope)
    if scope.get("method") not in SAFE_METHODS:
        check_csrf(scope, _token_in(scope), cookie)
    return caller


def _token_in(scope: Scope) -> str | None:
    given = [value for name, value in scope["headers"] if name == CSRF_HEADER.encode()]
    return given[0].decode("latin-1") if len(given) == 1 else None


def _set_cookie(scope: Scope, value: str, lasts_s: int) -> str:
    made: SimpleCookie = SimpleCookie()
    name = cookie_name(scope)
    made[name] = value
    made[name]["path"] = "/"
    made[name]["max-age"] = lasts_s
    made[name]["httponly"] = True
    made[name]["samesite"] = "Strict"
    if scope["scheme"] == "https":
        made[name]["secure"] = True
    return made[name].OutputString()
