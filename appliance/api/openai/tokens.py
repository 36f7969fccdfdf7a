"""``POST /tokenize`` and ``POST /detokenize``, where other servers have them and under ``/v1`` too."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import DEMO_MODEL, MODEL_ERRORS, Endpoint
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import Tokenizing
from appliance.api.openai.routes import ApiLimits
from appliance.api.openai.tokenizing_wire import (
    DetokenizeAnswer,
    DetokenizeBody,
    TokenizeAnswer,
    TokenizeBody,
    read_detokenize,
    read_tokenize,
)
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.leaving import while_connected
from appliance.errors import ContextLengthExceeded, PersonLimitReached, QueueFull

TOKENIZE: Final = ("/tokenize", "/v1/tokenize")
DETOKENIZE: Final = ("/detokenize", "/v1/detokenize")
_ERRORS: Final = (*MODEL_ERRORS, ContextLengthExceeded, QueueFull, PersonLimitReached)

AnyRequest = Request[Any, Any, Any]


def _tokenize(path: str) -> Endpoint:
    return Endpoint(
        "POST",
        path,
        "Texts",
        "The tokens of a text, or of a conversation.",
        "Exactly the tokens that the model would be given.",
        detail="Nothing is charged.",
        body=TokenizeBody,
        example={"model": DEMO_MODEL, "prompt": "A credit is"},
        answer_shape=TokenizeAnswer,
        errors=_ERRORS,
    )


def _detokenize(path: str) -> Endpoint:
    return Endpoint(
        "POST",
        path,
        "Texts",
        "The text of tokens.",
        "The text; control tokens by their names.",
        detail="Nothing is charged.",
        body=DetokenizeBody,
        example={"model": DEMO_MODEL, "tokens": [10, 11, 12]},
        answer_shape=DetokenizeAnswer,
        errors=_ERRORS,
    )


ENDPOINTS: Final = (*map(_tokenize, TOKENIZE), *map(_detokenize, DETOKENIZE))


def token_routes(tokenizing: Tokenizing, limits: ApiLimits) -> list[HTTPRouteHandler]:
    """The routes."""
    return [
        *[_tokenize_route(path, tokenizing, limits) for path in TOKENIZE],
        *[_detokenize_route(path, tokenizing, limits) for path in DETOKENIZE],
    ]


def _tokenize_route(path: str, tokenizing: Tokenizing, limits: ApiLimits) -> HTTPRouteHandler:
    @post(path, status_code=200, name=path)
    async def tokenize(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits.body)
        asked = read_tokenize(body, most_prompt_bytes=limits.prompt_bytes)
        async with while_connected(request.receive):
            tokenized = await tokenizing.tokenize(caller_of(request.scope), asked.model, asked.prompt)
        return _json(TokenizeAnswer.of(tokenized), asked.ignored)

    return tokenize


def _detokenize_route(path: str, tokenizing: Tokenizing, limits: ApiLimits) -> HTTPRouteHandler:
    @post(path, status_code=200, name=path)
    async def detokenize(request: AnyRequest) -> Response[bytes]:
        asked = read_detokenize(await read_body(request.scope, request.receive, limits.body))
        async with while_connected(request.receive):
            text = await tokenizing.detokenize(caller_of(request.scope), asked.model, asked.tokens)
        return _json(DetokenizeAnswer(text), asked.ignored)

    return detokenize


def _json(answer: msgspec.Struct, ignored: tuple[str, ...]) -> Response[bytes]:
    headers = {"cache-control": "no-store", **ignored_header(ignored)}
    return Response(msgspec.json.encode(answer), headers=headers, media_type="application/json")
