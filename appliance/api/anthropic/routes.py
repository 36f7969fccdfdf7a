"""``POST /v1/messages`` and ``POST /v1/messages/count_tokens``."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.answering import Answering
from appliance.api.anthropic.objects import MessageBody
from appliance.api.anthropic.reading import read_count, read_messages
from appliance.api.anthropic.wire import CountBody, MessagesBody
from appliance.api.dialogue.answering import answer_dialogue
from appliance.api.documentation.endpoint import DEMO_MODEL, GENERATION_ERRORS, MODEL_ERRORS, Endpoint
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import Tokenizing
from appliance.api.openai.routes import ApiLimits
from appliance.edge.anthropic_errors import ErrorBody
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of

AnyRequest = Request[Any, Any, Any]


class CountAnswer(msgspec.Struct, frozen=True):
    """How long a conversation is, as the model would be given it."""

    input_tokens: int


_CONVERSATION: Final = {"model": DEMO_MODEL, "messages": [{"role": "user", "content": "What is a credit?"}]}

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/v1/messages",
        "Conversations",
        "Answer a conversation, in the shape of Anthropic's Messages API.",
        "The message; with `stream`, its events.",
        detail="Errors have Anthropic's shape here.",
        body=MessagesBody,
        example={**_CONVERSATION, "max_tokens": 64},
        answer_shape=MessageBody,
        answer_media=("application/json", "text/event-stream"),
        errors=GENERATION_ERRORS,
        error_shape=ErrorBody,
        computes=True,
    ),
    Endpoint(
        "POST",
        "/v1/messages/count_tokens",
        "Conversations",
        "How many tokens a conversation has, exactly. Nothing is charged.",
        "The count.",
        detail="Errors have Anthropic's shape here.",
        body=CountBody,
        example=_CONVERSATION,
        answer_shape=CountAnswer,
        errors=MODEL_ERRORS,
        error_shape=ErrorBody,
    ),
)


def message_routes(answering: Answering, tokenizing: Tokenizing, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """Both routes."""

    @post("/v1/messages", status_code=200, name="messages")
    async def answer(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        request_id = request_id_of(request.scope)
        asked = read_messages(body, request_id=request_id, most_prompt_bytes=limits.prompt_bytes)
        response = await answer_dialogue(answering, request, asked)
        response.headers["request-id"] = request_id
        return response

    @post("/v1/messages/count_tokens", status_code=200, name="messages_count")
    async def count(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        asked = read_count(body, most_prompt_bytes=limits.prompt_bytes)
        async with while_connected(request.receive):
            told = await tokenizing.tokenize(caller_of(request.scope), asked.model, asked.prompt)
        headers = {
            "cache-control": "no-store",
            "request-id": request_id_of(request.scope),
            **ignored_header(asked.ignored),
        }
        answer = msgspec.json.encode(CountAnswer(len(told.tokens)))
        return Response(answer, headers=headers, media_type="application/json", status_code=200)

    return [answer, count]
