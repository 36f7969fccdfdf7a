"""Headers of every answer of the page app, errors and files included."""

from typing import Final

from litestar.types import Message, Scope

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing comes from elsewhere and nothing goes there; no script or style stands in a page itself."""

# Not `no-referrer`: under it browsers send the origin of a form as `null` (Fetch, "append a request Origin
# header"), and the box could not tell its own forms from others'.
_REFERRER: Final = "same-origin"

HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", _REFERRER.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-frame-options", b"DENY"),
)


async def add_headers(message: Message, _scope: Scope) -> None:
    """As Litestar's ``before_send``. A page that nobody said otherwise of is kept by no cache."""
    if message["type"] != "http.response.start":
        return
    ours = dict(HEADERS)
    headers = [(name, value) for name, value in message["headers"] if name not in ours]
    headers += HEADERS
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers
