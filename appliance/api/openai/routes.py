"""``POST /v1/chat/completions`` and ``POST /v1/completions``."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.openai.answering import Answering
from appliance.api.openai.asked import Asked
from appliance.api.openai.chat_wire import read_chat
from appliance.api.openai.completion_wire import read_completion
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.request_ids import request_id_of


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What a request may be, and how often a silent stream pings."""

    body: BodyLimits = field(default_factory=BodyLimits)
    prompt_bytes: int = 256 * 1024
    ping_s: float = 15.0


class Reader(Protocol):
    """Understands the body of one endpoint."""

    def __call__(self, body: bytes, *, request_id: str, most_prompt_bytes: int) -> Asked:
        """Raises ``BadRequest``."""
        ...


def generation_routes(answering: Answering, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """Both routes."""
    return [
        _route("/v1/chat/completions", read_chat, answering, limits),
        _route("/v1/completions", read_completion, answering, limits),
    ]


def _route(path: str, read: Reader, answering: Answering, limits: ApiLimits) -> HTTPRouteHandler:
    @post(path, status_code=200, name=path)
    async def generate(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        request_id = request_id_of(request.scope)
        asked = read(body, request_id=request_id, most_prompt_bytes=limits.prompt_bytes)
        return await answering.answer(request, asked)

    return generate
