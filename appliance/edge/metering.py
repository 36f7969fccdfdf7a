"""Counts answers by the router's address and status: never by an address as it was sent."""

from typing import Final, Protocol

from litestar.types import ASGIApp, Message, Receive, Scope, Send

OTHER: Final = "other"
_CUT_OFF: Final = 499
"""Of a request that ended without an answer; the log has a reason, if there is one to know."""


class HttpMeter(Protocol):
    """Who counts."""

    def answered(self, address: str, status: int) -> None:
        """One more answer."""
        ...


class Metered:
    """ASGI middleware outside of everything else."""

    def __init__(self, app: ASGIApp, meter: HttpMeter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        status = _CUT_OFF

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            self._meter.answered(str(scope.get("path_template", OTHER)), status)
