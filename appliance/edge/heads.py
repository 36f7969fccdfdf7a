"""``HEAD`` on every address that answers ``GET`` (RFC 9110, 9.3.2): the same header, and no body."""

from typing import Final, cast

from litestar.types import ASGIApp, Receive, Scope, Send

_HEAD: Final = "carrel.head"


class HeadsAsGets:
    """ASGI middleware that shows the app a ``GET``. The connection knows better, and sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope.get("method") == "HEAD":
            scope = cast("Scope", {**scope, "method": "GET", _HEAD: True})
        await self._app(scope, receive, send)


def is_head(scope: Scope) -> bool:
    """Whether nobody will see the body, so that a long one need not be read."""
    return _HEAD in scope
