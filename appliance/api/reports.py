"""``/v1/reports``: a bias or safety flaw of a model, told so that somebody else can see it too."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.api.documentation.endpoint import BODY_ERRORS, DEMO_MODEL, Endpoint, Parameter
from appliance.api.openai.wire import ModelName
from appliance.domain.people import Caller
from appliance.domain.report_travel import NO_JOURNEY, Journey, Travel
from appliance.domain.reports import Category, Drawn, Report, Severity
from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.callers import caller_of
from appliance.edge.decoding import decode_json
from appliance.errors import (
    Conflict,
    ModelNotFound,
    NotFound,
    NotLicensed,
    NotPermitted,
    StorageUnavailable,
    TryAgain,
)
from appliance.services.reports.filing import Case

AnyRequest = Request[Any, Any, Any]

PATH: Final = "/v1/reports"
_MOST_PROMPT: Final = 48 * 1024


class OwnReports(Protocol):
    """Who keeps reports."""

    async def file(self, caller: Caller, case: Case) -> Report:
        """Raises ``ModelNotFound``, ``NotLicensed``, ``BadRequest``, ``Conflict``, ``TryAgain``."""
        ...

    async def all(self, caller: Caller) -> Sequence[Report]:
        """The caller's own, the newest first."""
        ...

    async def get(self, caller: Caller, report_id: str) -> Report:
        """One of the caller's own. Raises ``NotFound``."""
        ...

    async def journeys(self, reports: Sequence[Report]) -> Mapping[str, Journey]:
        """Of those that are to go to the owner of the model, by id."""
        ...


class ReportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Either ``prompt_sha256`` or ``prompt``, which is hashed and forgotten. With ``share_text`` the prompt
    is kept for the reviewers too, sealed to their keys. With ``share_with_owner`` it shall go to the lab that
    shares the model, once you have seen what exactly goes and agreed to it. Numbers are those of the request
    that showed the flaw; what it left out is left out here.
    """

    model: ModelName
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    severity: Severity
    category: Category
    description: Annotated[str, Meta(min_length=1, max_length=4000)]
    prompt_sha256: Annotated[str, Meta(min_length=64, max_length=64)] | None = None
    prompt: Annotated[str, Meta(min_length=1, max_length=_MOST_PROMPT)] | None = None
    share_text: bool = False
    share_with_owner: bool = False
    seen: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class ReportedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A report of yours. ``status`` is ``open``, ``accepted``, ``duplicate``, ``not-reproducible`` or
    ``declined``; ``credits_micro`` is what your project got for it. ``model_sha256`` is the hash of the
    model's files, as they were. ``owner`` is how far it got to the lab that shares the model: ``wanted``,
    ``consented``, ``sent`` or ``answered``, or empty; the lab's answer is beside it. Times in ms since 1970
    UTC.
    """

    id: str
    object: str = "carrel.report"
    status: str
    model: str
    recipe_revision: int
    model_sha256: str
    prompt_sha256: str
    prompt_shared: bool
    seed: int
    severity: str
    category: str
    description: str
    seen: int
    created_ms: int
    decided_ms: int | None
    reason: str
    credits_micro: int
    owner: str = ""
    owner_verdict: str = ""
    owner_reason: str = ""


class ReportsBody(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of yours, the newest first."""

    object: str = "list"
    data: list[ReportedBody]


_EXAMPLE: Final = {
    "model": DEMO_MODEL,
    "prompt": "The nurse said that",
    "seed": 7,
    "temperature": 0.7,
    "severity": "medium",
    "category": "bias",
    "description": "Goes on with 'she' in 48 of 50 answers.",
    "seen": 48,
}
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        PATH,
        "You",
        "Reports a bias or a safety flaw of a model, so that a reviewer can see it too.",
        "The report. A reviewer decides; an accepted one pays credits to your project.",
        body=ReportBody,
        example=_EXAMPLE,
        answer_shape=ReportedBody,
        errors=(
            *BODY_ERRORS,
            ModelNotFound,
            NotLicensed,
            NotPermitted,
            Conflict,
            TryAgain,
            StorageUnavailable,
        ),
    ),
    Endpoint(
        "GET",
        PATH,
        "You",
        "What have I reported, and what became of it?",
        "Your reports, the newest first.",
        answer_shape=ReportsBody,
    ),
    Endpoint(
        "GET",
        PATH + "/{report_id}",
        "You",
        "One report of yours.",
        "The report.",
        answer_shape=ReportedBody,
        errors=(NotFound,),
        parameters=(Parameter("report_id", "path", "The id of a report of yours.", "rep_0123456789ab"),),
    ),
)


def report_routes(reports: OwnReports, limits: BodyLimits) -> list[HTTPRouteHandler]:
    """All three."""

    @post(PATH, status_code=200, name=PATH)
    async def file(request: AnyRequest) -> Response[bytes]:
        asked = decode_json(await read_body(request.scope, request.receive, limits), ReportBody)
        filed = await reports.file(caller_of(request.scope), _case(asked))
        return _json((await _bodies(reports, [filed]))[0])

    @get(PATH, name="reports")
    async def show_all(request: AnyRequest) -> Response[bytes]:
        found = await reports.all(caller_of(request.scope))
        return _json(ReportsBody(data=await _bodies(reports, found)))

    @get(PATH + "/{report_id:str}", name="report")
    async def show(request: AnyRequest) -> Response[bytes]:
        found = await reports.get(caller_of(request.scope), request.path_params["report_id"])
        return _json((await _bodies(reports, [found]))[0])

    return [file, show_all, show]


def _case(asked: ReportBody) -> Case:
    return Case(
        model=asked.model,
        drawn=Drawn(asked.seed, asked.temperature, asked.top_p, asked.top_k, asked.min_p, asked.max_tokens),
        severity=asked.severity,
        category=asked.category,
        description=asked.description,
        seen=asked.seen,
        prompt_sha256=asked.prompt_sha256,
        prompt=asked.prompt,
        share=asked.share_text,
        to_owner=asked.share_with_owner,
    )


async def _bodies(reports: OwnReports, found: Sequence[Report]) -> list[ReportedBody]:
    journeys = await reports.journeys(found)
    return [_body(one, journeys.get(one.id, NO_JOURNEY).travel) for one in found]


def _body(one: Report, travel: Travel | None) -> ReportedBody:
    return ReportedBody(
        id=one.id,
        status=one.state,
        model=one.model.id,
        recipe_revision=one.model.recipe_revision,
        model_sha256=one.model.file_sha256,
        prompt_sha256=one.prompt_sha256,
        prompt_shared=bool(one.keys),
        seed=one.drawn.seed,
        severity=one.severity,
        category=one.category,
        description=one.description,
        seen=one.seen,
        created_ms=one.made_ms,
        decided_ms=one.decided_ms,
        reason=one.reason,
        credits_micro=one.micro,
        owner="" if travel is None else travel.state,
        owner_verdict="" if travel is None else travel.verdict,
        owner_reason="" if travel is None else travel.reason,
    )


def _json(body: msgspec.Struct) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers=headers, status_code=200
    )
