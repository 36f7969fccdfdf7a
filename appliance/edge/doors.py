"""Two apps behind one socket: the pages for people, and the API."""

from collections.abc import Callable

from litestar.types import ASGIApp, Receive, Scope, Send


class Doors:
    """ASGI app. Which of both answers is decided by the path alone, so that no header can change it."""

    def __init__(self, *, pages: ASGIApp, api: ASGIApp, is_page: Callable[[str], bool]) -> None:
        self._pages = pages
        self._api = api
        self._is_page = is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self._pages if self._is_page(scope["path"]) else self._api
        await app(scope, receive, send)
