"""``POST /v1/responses``, and the addresses under it, which say that nothing is kept."""

from typing import Any, Final

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.answering import Answering
from appliance.api.dialogue.answering import answer_dialogue
from appliance.api.documentation.endpoint import DEMO_MODEL, GENERATION_ERRORS, Endpoint, Parameter
from appliance.api.openai.responses.objects import ResponseObject
from appliance.api.openai.responses.reading import read_response
from appliance.api.openai.responses.wire import ResponsesBody
from appliance.api.openai.routes import ApiLimits
from appliance.edge.bodies import read_body
from appliance.edge.request_ids import request_id_of
from appliance.errors import NotFound

AnyRequest = Request[Any, Any, Any]

_RESPONSE_ID: Final = Parameter("response_id", "path", "The `id` of a response.", "resp_0123")

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/v1/responses",
        "Conversations",
        "Answer a conversation, in the shape of the Responses API.",
        "The response; with `stream`, its events.",
        detail="Nothing is kept: send the whole conversation each time.",
        body=ResponsesBody,
        example={"model": DEMO_MODEL, "input": "What is a credit?"},
        answer_shape=ResponseObject,
        answer_media=("application/json", "text/event-stream"),
        errors=GENERATION_ERRORS,
        computes=True,
    ),
    Endpoint(
        "GET",
        "/v1/responses/{response_id}",
        "Conversations",
        "A response of before: there are none, since nothing is kept.",
        "Never given.",
        errors=(NotFound,),
        parameters=(_RESPONSE_ID,),
    ),
    Endpoint(
        "DELETE",
        "/v1/responses/{response_id}",
        "Conversations",
        "Delete a response: there are none, since nothing is kept.",
        "Never given.",
        errors=(NotFound,),
        parameters=(_RESPONSE_ID,),
    ),
)


def response_routes(answering: Answering, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """All of them."""

    @post("/v1/responses", status_code=200, name="responses")
    async def respond(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        asked = read_response(
            body, request_id=request_id_of(request.scope), most_prompt_bytes=limits.prompt_bytes
        )
        return await answer_dialogue(answering, request, asked)

    @get("/v1/responses/{response_id:str}", name="response")
    async def show(request: AnyRequest) -> Response[bytes]:  # noqa: ARG001 - Litestar's
        raise _nothing_kept()

    @delete("/v1/responses/{response_id:str}", name="response_deletion", status_code=200)
    async def forget(request: AnyRequest) -> Response[bytes]:  # noqa: ARG001 - Litestar's
        raise _nothing_kept()

    return [respond, show, forget]


def _nothing_kept() -> NotFound:
    return NotFound(
        "No responses are kept on this box (`store` is false in all of them); send the request again."
    )
