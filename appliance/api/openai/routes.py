"""``POST /v1/chat/completions``, and what the requests of all endpoints may be."""

from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.answering import Answering
from appliance.api.dialogue.answering import answer_dialogue
from appliance.api.documentation.endpoint import DEMO_MODEL, GENERATION_ERRORS, Endpoint
from appliance.api.openai.chat_wire import ChatBody, read_chat
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.request_ids import request_id_of

CHAT_PATH: Final = "/v1/chat/completions"
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        CHAT_PATH,
        "Conversations",
        "Answers a conversation.",
        "The choices; with `stream` true, chunks of them as server-sent events.",
        body=ChatBody,
        example={
            "model": DEMO_MODEL,
            "messages": [{"role": "user", "content": "What is a credit?"}],
            "max_tokens": 64,
        },
        answer_media=("application/json", "text/event-stream"),
        errors=GENERATION_ERRORS,
        computes=True,
    ),
)


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What a request may be, and how often a silent stream pings."""

    body: BodyLimits = field(default_factory=BodyLimits)
    prompt_bytes: int = 256 * 1024
    ping_s: float = 15.0


def chat_routes(answering: Answering, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """The route."""

    @post(CHAT_PATH, status_code=200, name=CHAT_PATH)
    async def chat(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        request_id = request_id_of(request.scope)
        asked = read_chat(body, request_id=request_id, most_prompt_bytes=limits.prompt_bytes)
        return await answer_dialogue(answering, request, asked)

    return [chat]
