"""The name of one request, ``req_`` and 24 hex digits: in every answer's header, error body, log line."""

import secrets
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = b"x-request-id"


def new_request_id() -> str:
    """A name that nobody can guess from another one."""
    return f"req_{secrets.token_hex(12)}"


def request_id_of(scope: Scope) -> str:
    """The name of this request; given on first asking."""
    state = scope.setdefault("state", {})
    name: str = state.setdefault("request_id", None) or new_request_id()
    state["request_id"] = name
    return name


class RequestIds:
    """ASGI middleware: puts ``x-request-id`` on every answer. One that a client sends is ignored."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, and its answer after it."""
        header = (HEADER, request_id_of(scope).encode())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [(name, value) for name, value in message["headers"] if name != HEADER]
                message["headers"] = [*others, header]
            await send(message)

        await self._app(scope, receive, send_named)
