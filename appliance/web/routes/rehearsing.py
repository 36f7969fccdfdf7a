"""A rehearsal from the page: begun by a press, going on while nobody looks, its result found again."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from appliance.domain.results import Rehearsal
from appliance.edge.actors import lead_of
from appliance.web.errors import is_htmx, to_page
from appliance.web.forms import read_form
from appliance.web.teaching import Teaching
from appliance.web.visitors import require_visitor

AnyRequest = Request[Any, Any, Any]

_ACTION = "class.rehearse"


class RehearsalForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many synthetic students."""

    seats: Annotated[int, Meta(ge=1, le=500)] = 30


def rehearsing_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """A form and the fragment that tells how it stands."""

    @get("/teach/{class_id:str}/_rehearsal", name="teach_rehearsal")
    async def look(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        detail = await teaching.detail(request, class_id)
        return _show(teaching, request, detail.id)

    @post("/teach/{class_id:str}/rehearse", name="teach_rehearse")
    async def begin(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, RehearsalForm)
        detail = await teaching.detail(request, class_id)
        _begin(teaching, request, detail.id, form.seats)
        if is_htmx(request):
            return _show(teaching, request, detail.id)
        return to_page(request, f"/teach/{detail.id}#rehearsal")

    return [look, begin]


def _begin(teaching: Teaching, request: AnyRequest, class_id: str, seats: int) -> None:
    caller = require_visitor(request.scope).caller
    actor = lead_of(caller, caller.project_id, teaching.parts.belonging)
    arguments = {"name": class_id, "project": actor.project, "seats": seats}

    async def work() -> Rehearsal:
        # Not tied to the request: whoever leaves the page finds the result when they come back.
        result = await teaching.parts.operations.run(_ACTION, arguments, actor)
        if not isinstance(result, Rehearsal):
            raise TypeError("a rehearsal answered something else")
        return result

    teaching.rehearsals.begin(class_id, seats, work)
    teaching.parts.log.info("action", action=_ACTION, who=actor.name)


def _show(teaching: Teaching, request: AnyRequest, class_id: str) -> Response[bytes]:
    run = teaching.rehearsals.view(class_id)
    return teaching.pages.show(request, "_rehearsal.html", id=class_id, run=run)
