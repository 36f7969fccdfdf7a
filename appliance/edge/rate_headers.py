"""The six ``x-ratelimit-*`` headers, in OpenAI's words: limit, what is left, when it is whole again."""

import math
from collections.abc import Collection
from typing import Protocol

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from appliance.domain.people import Caller
from appliance.domain.rates import RateLeft, RatesLeft


class Rates(Protocol):
    """Who knows what a caller has left."""

    def left(self, caller: Caller) -> RatesLeft:
        """What this caller may still have now, where the least is left."""
        ...


class RateHeaders:
    """ASGI middleware behind ``Callers``: on every answer of ``paths``, and on every 429."""

    def __init__(self, app: ASGIApp, rates: Rates, paths: Collection[str]) -> None:
        self._app = app
        self._rates = rates
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        caller = scope["state"].get("caller")
        if not isinstance(caller, Caller):
            await self._app(scope, receive, send)
            return

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start" and (
                scope.get("path_template") in self._paths or message["status"] == 429
            ):
                message["headers"] = [*message["headers"], *_headers(self._rates.left(caller))]
            await send(message)

        await self._app(scope, receive, send_with)


def _headers(left: RatesLeft) -> list[tuple[bytes, bytes]]:
    both = {"requests": left.requests, "tokens": left.tokens}
    return [header for what, one in both.items() if one is not None for header in _three(what, one)]


def _three(what: str, one: RateLeft) -> list[tuple[bytes, bytes]]:
    values = {"limit": str(one.limit), "remaining": str(one.left), "reset": duration_text(one.full_in_s)}
    return [(f"x-ratelimit-{name}-{what}".encode(), value.encode()) for name, value in values.items()]


def duration_text(seconds: float) -> str:
    """As OpenAI writes it: ``120ms``, ``1s``, ``6m0s``, ``1h0m0s``; rounded up."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms" if seconds > 0 else "0s"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
