"""``GET /v1/models`` and ``GET /v1/models/{id}``: what the caller's key may use, now."""

from dataclasses import asdict
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import MODEL_ID, Endpoint
from appliance.api.openai.ports import ModelDirectory
from appliance.domain.fidelity import FidelityRecord
from appliance.domain.model import ModelCard
from appliance.edge.callers import caller_of
from appliance.errors import ModelNotFound

AnyRequest = Request[Any, Any, Any]


class Defaults(msgspec.Struct, frozen=True):
    """What applies where a request is silent."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    max_tokens: int


class FidelityBody(msgspec.Struct, frozen=True):
    """What this form costs in faithfulness, as the box's operator measured it: see the handbook's page on
    models. ``reference`` is the form that it was compared with; ``agreement`` the part of places, 0 to 1,
    where both find the same token the most probable.
    """

    perplexity: float
    reference: str
    reference_perplexity: float
    agreement: float
    mean_difference: float
    text_sha256: str


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What OpenAI's shape has no place for. Revision, file and build are what an answer depends on; they are
    null for a moment while a model starts. ``fingerprint`` is the ``system_fingerprint`` of its answers.
    ``leaves_box`` is the host that prompts are sent to; null: they stay on this box. ``approved_by`` says by
    whom its recipe was approved.
    """

    title: str
    context_tokens: int
    chats: bool
    embeds: bool
    alias_of: str | None
    license: str
    tier: str
    recipe_revision: int | None
    file_sha256: str | None
    engine_build: str | None
    fingerprint: str | None
    defaults: Defaults
    leaves_box: str | None
    approved_by: str
    fidelity: FidelityBody | None


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


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/v1/models",
        "Models",
        "Which models may I use?",
        "All that are served to this key, and their aliases.",
        answer_shape=ModelListBody,
    ),
    Endpoint(
        "GET",
        "/v1/models/{model_id}",
        "Models",
        "One model, with all that its answers depend on.",
        "The model.",
        answer_shape=ModelBody,
        errors=(ModelNotFound,),
        parameters=(MODEL_ID,),
    ),
)


def model_routes(directory: ModelDirectory) -> list[HTTPRouteHandler]:
    """Both routes."""

    @get("/v1/models", name="models")
    async def list_models(request: AnyRequest) -> Response[bytes]:
        cards = directory.cards(caller_of(request.scope))
        return _json(ModelListBody(data=[_body(card) for card in cards]))

    # A path, because an alias may have slashes.
    @get("/v1/models/{model_id:path}", name="model")
    async def show_model(request: AnyRequest) -> Response[bytes]:
        wanted = str(request.path_params["model_id"]).removeprefix("/")
        for card in directory.cards(caller_of(request.scope)):
            if card.id == wanted:
                return _json(_body(card))
        raise ModelNotFound("No model of that name is served to you; see GET /v1/models.", param="model")

    return [list_models, show_model]


def _body(card: ModelCard) -> ModelBody:
    return ModelBody(
        id=card.id,
        created=card.created_ms // 1000,
        carrel=_particulars(card),
    )


def _particulars(card: ModelCard) -> Particulars:
    bytes_of = card.identity
    return Particulars(
        title=card.title,
        context_tokens=card.context_tokens,
        chats=card.chats,
        embeds=card.embeds,
        alias_of=card.alias_of or None,
        license=card.license,
        tier=card.tier,
        recipe_revision=bytes_of.recipe_revision if bytes_of else None,
        file_sha256=(bytes_of.file_sha256 or None) if bytes_of else None,
        engine_build=bytes_of.engine_build if bytes_of else None,
        fingerprint=bytes_of.fingerprint if bytes_of else None,
        defaults=Defaults(**asdict(card.defaults)),
        leaves_box=card.leaves_box or None,
        approved_by=card.approved_by,
        fidelity=_fidelity(card.fidelity) if card.fidelity else None,
    )


def _fidelity(record: FidelityRecord) -> FidelityBody:
    return FidelityBody(
        perplexity=record.measures.perplexity,
        reference=record.reference,
        reference_perplexity=record.reference_perplexity,
        agreement=record.distance.agreement,
        mean_difference=record.distance.mean_difference,
        text_sha256=record.subject.text_sha256,
    )


def _json(body: msgspec.Struct) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)
