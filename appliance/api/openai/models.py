"""``GET /v1/models`` and ``GET /v1/models/{id}``: what the caller's key may use, now."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.openai.ports import ModelDirectory
from appliance.domain.model import ModelCard
from appliance.edge.callers import caller_of
from appliance.errors import ModelNotFound

AnyRequest = Request[Any, Any, Any]


class Particulars(msgspec.Struct, frozen=True):
    """What OpenAI's shape has no place for."""

    title: str
    context_tokens: int
    chats: bool


class ModelBody(msgspec.Struct, frozen=True, kw_only=True):
    """One model. ``created`` is in seconds since 1970 UTC."""

    id: str
    object: str = "model"
    created: int
    owned_by: str = "carrel"
    carrel: Particulars


class ModelListBody(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    object: str = "list"
    data: list[ModelBody]


def model_routes(directory: ModelDirectory) -> list[HTTPRouteHandler]:
    """Both routes."""

    @get("/v1/models", name="models")
    async def list_models(request: AnyRequest) -> Response[bytes]:
        cards = directory.cards(caller_of(request.scope))
        return _json(ModelListBody(data=[_body(card) for card in cards]))

    @get("/v1/models/{model_id:str}", name="model")
    async def show_model(request: AnyRequest) -> Response[bytes]:
        for card in directory.cards(caller_of(request.scope)):
            if card.id == request.path_params["model_id"]:
                return _json(_body(card))
        raise ModelNotFound("No model of that name is served to you; see GET /v1/models.", param="model")

    return [list_models, show_model]


def _body(card: ModelCard) -> ModelBody:
    return ModelBody(
        id=card.id,
        created=card.created_ms // 1000,
        carrel=Particulars(card.title, card.context_tokens, card.chats),
    )


def _json(body: msgspec.Struct) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)
