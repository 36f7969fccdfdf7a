"""``POST /v1/completions``."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.answering import Answering
from appliance.api.documentation.endpoint import DEMO_MODEL, GENERATION_ERRORS, Endpoint
from appliance.api.openai.completing import begin_completion
from appliance.api.openai.completion_shapes import CompletionAnswerBody
from appliance.api.openai.completion_wire import CompletionBody, read_completion
from appliance.api.openai.ports import Tokenizing
from appliance.api.openai.routes import ApiLimits
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.request_ids import request_id_of

PATH: Final = "/v1/completions"
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "Texts",
        "Goes on from a text, from several, or from token ids.",
        "The choices; with `stream` true, chunks of them as server-sent events.",
        detail="With `echo`, `logprobs` and `max_tokens` 0 it only tells how probable the prompt is.",
        body=CompletionBody,
        example={"model": DEMO_MODEL, "prompt": "A credit is", "max_tokens": 16},
        answer_shape=CompletionAnswerBody,
        answer_media=("application/json", "text/event-stream"),
        errors=GENERATION_ERRORS,
        computes=True,
    ),
)


def completion_routes(
    answering: Answering, tokenizing: Tokenizing, limits: ApiLimits
) -> list[HTTPRouteHandler]:
    """The route."""

    @post(PATH, status_code=200, name=PATH)
    async def complete(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        request_id = request_id_of(request.scope)
        asked = read_completion(body, request_id=request_id, most_prompt_bytes=limits.prompt_bytes)
        caller = caller_of(request.scope)
        return await answering.give(
            request,
            lambda: begin_completion(answering.generations, tokenizing, caller, asked, request_id),
            stream=asked.stream,
        )

    return [complete]
