"""``POST /admin/v1/watch`` on the Unix socket: what actions answer, as server-sent events, as it changes."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import Scope

from appliance.api.carrying_out import PLAIN_BYTES
from appliance.domain.actor import Actor
from appliance.domain.watching import WatchBody, topics_of
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.decoding import decode_json
from appliance.edge.sending import EventStream
from appliance.services.watching.watching import View, Watching

PING_S: Final = 10.0
"""After so long a silence a comment is sent, so that either side notices when the other is gone."""

_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_LIMITS: Final = BodyLimits(most_bytes=PLAIN_BYTES)


def watch_route(
    watching: Watching, operator: Callable[[Scope], Actor], *, ping_s: float = PING_S
) -> HTTPRouteHandler:
    """The stream ends with its caller, and when the box stops. ``operator`` raises ``NotAllowed``."""

    @post("/admin/v1/watch", status_code=200)
    async def watch(request: Request[None, None, State]) -> Response[bytes]:
        operator(request.scope)
        body = await read_body(request.scope, request.receive, _LIMITS)
        topics = topics_of(decode_json(body, WatchBody))
        view = watching.view(topics, lambda: operator(request.scope))
        return EventStream(_encoded(view), close=view.close, ping_s=ping_s, headers=_HEADERS)

    return watch


async def _encoded(view: View) -> AsyncGenerator[bytes, None]:
    async with aclosing(view.events()) as batches:
        async for events in batches:
            yield b"".join(b"data: " + msgspec.json.encode(event) + b"\n\n" for event in events)
