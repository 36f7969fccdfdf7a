"""``/v1/me/licenses``: licenses that everybody who uses a model has to accept for themselves."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.api.documentation.endpoint import BODY_ERRORS, MODEL_ID, Endpoint
from appliance.api.openai.wire import ModelName
from appliance.domain.people import Caller
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.callers import caller_of
from appliance.edge.decoding import decode_json
from appliance.errors import ModelNotFound, NotFound, NotLicensed, RateLimited, StorageUnavailable
from appliance.services.licenses.own import OwnLicense

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/v1/me/licenses"


class Licenses(Protocol):
    """Who knows what was accepted."""

    async def show_all(self, caller: Caller) -> Sequence[OwnLicense]:
        """Those that this caller is asked for."""
        ...

    async def accept(self, caller: Caller, *, model: str, text_sha256: str, purpose: str) -> OwnLicense:
        """Raises ``ModelNotFound``, ``NotLicensed``, ``BadRequest``, ``RateLimited``."""
        ...

    async def withdraw(self, caller: Caller, *, model: str) -> None:
        """Raises ``NotFound``."""
        ...


class AcceptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Accepts one. ``text_sha256`` shows that the text was read: its hash, or the first 12 digits of it."""

    model: ModelName
    text_sha256: Annotated[str, Meta(min_length=12, max_length=64)]
    purpose: Annotated[str, Meta(min_length=1, max_length=500)]


class LicenseBody(msgspec.Struct, frozen=True, kw_only=True):
    """One license. ``state`` is ``accepted``, ``not_accepted``, or ``changed`` where another text was
    accepted than the present one. ``redistribution`` and ``derivatives`` are ``yes``, ``same-terms`` or
    ``no``. ``text`` is null where the box does not have it.
    """

    model: str
    object: str = "carrel.license"
    title: str
    license: str
    state: str
    uses_allowed: list[str]
    uses_denied: list[str]
    redistribution: str
    derivatives: str
    attribution: str
    output_terms: str
    text_sha256: str
    text: str | None


class LicensesBody(msgspec.Struct, frozen=True, kw_only=True):
    """All that the caller is asked for."""

    object: str = "list"
    data: list[LicenseBody]


class WithdrawnBody(msgspec.Struct, frozen=True):
    """An acceptance that was taken back."""

    model: str
    object: str = "carrel.license"
    withdrawn: bool = True


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        PATH,
        "You",
        "Which licenses am I asked to accept, and what do they say?",
        "Every model whose license each of its users accepts, with terms, text and whether you have.",
        answer_shape=LicensesBody,
    ),
    Endpoint(
        "POST",
        PATH,
        "You",
        "Accepts a model's license for yourself.",
        "The license, accepted.",
        body=AcceptBody,
        example={"model": "your-licensed-model", "text_sha256": "0123456789ab", "purpose": "Seminar"},
        answer_shape=LicenseBody,
        errors=(*BODY_ERRORS, ModelNotFound, NotLicensed, RateLimited, StorageUnavailable),
    ),
    Endpoint(
        "DELETE",
        PATH + "/{model_id}",
        "You",
        "Takes your acceptance back: your requests to the model end.",
        "That it is taken back.",
        answer_shape=WithdrawnBody,
        errors=(NotFound, StorageUnavailable),
        parameters=(MODEL_ID,),
    ),
)


def license_routes(licenses: Licenses, limits: BodyLimits) -> list[HTTPRouteHandler]:
    """All three."""

    @get(PATH, name="licenses")
    async def show_all(request: AnyRequest) -> Response[bytes]:
        found = await licenses.show_all(caller_of(request.scope))
        return _json(LicensesBody(data=[_body(one) for one in found]))

    @post(PATH, status_code=200, name=PATH)
    async def accept(request: AnyRequest) -> Response[bytes]:
        body = await read_body(request.scope, request.receive, limits)
        asked = decode_json(body, AcceptBody)
        accepted = await licenses.accept(
            caller_of(request.scope),
            model=asked.model,
            text_sha256=asked.text_sha256,
            purpose=asked.purpose,
        )
        return _json(_body(accepted))

    @delete(PATH + "/{model_id:str}", name="license_withdrawal", status_code=200)
    async def withdraw(request: AnyRequest) -> Response[bytes]:
        model = request.path_params["model_id"]
        await licenses.withdraw(caller_of(request.scope), model=model)
        return _json(WithdrawnBody(model))

    return [show_all, accept, withdraw]


def _body(one: OwnLicense) -> LicenseBody:
    terms = one.terms
    not_accepted = "changed" if one.accepted_another_text else "not_accepted"
    return LicenseBody(
        model=one.model,
        title=terms.title or one.title,
        license=terms.expression,
        state="accepted" if one.accepted else not_accepted,
        uses_allowed=list(terms.uses_allowed),
        uses_denied=list(terms.uses_denied),
        redistribution=terms.redistribution,
        derivatives=terms.derivatives,
        attribution=terms.attribution,
        output_terms=terms.output_terms,
        text_sha256=terms.text_sha256,
        text=one.text,
    )


def _json(body: msgspec.Struct) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers=headers, status_code=200
    )
