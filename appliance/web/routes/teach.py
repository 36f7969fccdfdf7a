"""A lead's classes, and the page of each: its seats, and what is done to all of them at once."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from appliance.domain.people import Project
from appliance.domain.results import ClassLine, ClassList
from appliance.errors import CarrelError
from appliance.web.acting import act
from appliance.web.class_times import moment
from appliance.web.errors import to_page
from appliance.web.forms import Empty, read_form
from appliance.web.lesson_forms import Model, OpenForm
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.rehearsals import Rehearsals
from appliance.web.routes.cards import card_routes
from appliance.web.routes.class_polls import class_poll_routes
from appliance.web.routes.class_reports import class_report_routes
from appliance.web.routes.class_settings import class_settings_routes
from appliance.web.routes.new_class import new_class_routes
from appliance.web.routes.rehearsing import rehearsing_routes
from appliance.web.routes.roster import roster_routes
from appliance.web.routes.seats import seat_routes
from appliance.web.teaching import SIGNS, Teaching
from appliance.web.visitors import Visitor, require_visitor

AnyRequest = Request[Any, Any, Any]


class MessageForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence for everybody, or none any more."""

    text: Annotated[str, Meta(max_length=300)] = ""
    what: Literal["", "clear"] = ""


class ModelForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which model ``class-model`` is."""

    model: Model


def teach_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """All below ``/teach``."""
    teaching = Teaching(parts, pages, Rehearsals(parts.clock, parts.log))
    return [
        *_pages(teaching),
        *_acts(teaching),
        *new_class_routes(teaching),
        *seat_routes(teaching),
        *class_settings_routes(teaching),
        *roster_routes(teaching),
        *card_routes(teaching),
        *rehearsing_routes(teaching),
        *class_poll_routes(teaching),
        *class_report_routes(teaching),
    ]


def _pages(teaching: Teaching) -> list[HTTPRouteHandler]:
    @get("/teach", name="teach")
    async def teach(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope)
        project = teaching.parts.belonging.project(visitor.caller.project_id)
        why = no_course(visitor, project)
        every = request.query_params.get("all") == "1"
        listed: ClassList = ClassList(classes=())
        if not why:
            listed = await act(request, "class.list", {"all": every})
        return teaching.pages.show(
            request,
            "teach.html",
            why=why,
            all=every,
            project_name=project.name if project is not None else "",
            classes=[_row(one, teaching.parts.clock.now_ms()) for one in listed.classes],
        )

    @get("/teach/{class_id:str}", name="teach_class")
    async def show(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        return await teaching.show(request, class_id)

    @get("/teach/{class_id:str}/end", name="teach_end_page")
    async def end_page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        detail = await teaching.detail(request, class_id)
        seats = await teaching.seats(request, detail.id)
        return teaching.pages.show(
            request,
            "teach_end.html",
            id=detail.id,
            detail=detail,
            running=sum(one.running for one in seats.seats),
            waiting=sum(one.waiting for one in seats.seats),
        )

    return [teach, show, end_page]


def _acts(teaching: Teaching) -> list[HTTPRouteHandler]:
    @post("/teach/{class_id:str}/open", name="teach_open")
    async def open_class(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, OpenForm)
        try:
            await act(request, "class.open", form.arguments(class_id))
        except CarrelError as refused:
            return await teaching.show(request, class_id, error=refused, opening=form)
        return to_page(request, f"/teach/{class_id}?did=opened")

    @post("/teach/{class_id:str}/pause", name="teach_pause")
    async def pause(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        await read_form(request, Empty)
        return await _done(teaching, request, "class.pause", {"name": class_id}, "paused")

    @post("/teach/{class_id:str}/resume", name="teach_resume")
    async def resume(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        await read_form(request, Empty)
        return await _done(teaching, request, "class.resume", {"name": class_id}, "resumed")

    @post("/teach/{class_id:str}/end", name="teach_end")
    async def end(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        await read_form(request, Empty)
        return await _done(teaching, request, "class.close", {"name": class_id}, "ended")

    @post("/teach/{class_id:str}/message", name="teach_message")
    async def message(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, MessageForm)
        text = "" if form.what == "clear" else form.text
        did = "message" if text else "cleared"
        arguments = {"name": class_id, "text": text}
        return await _done(teaching, request, "class.message", arguments, did)

    @post("/teach/{class_id:str}/model", name="teach_model")
    async def model(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, ModelForm)
        detail = await teaching.detail(request, class_id)
        models = ",".join((form.model, *(one for one in detail.models if one != form.model)))
        arguments = {"name": detail.id, "models": models}
        return await _done(teaching, request, "class.set", arguments, "swapped")

    return [open_class, pause, resume, end, message, model]


async def _done(
    teaching: Teaching, request: AnyRequest, action: str, arguments: Mapping[str, object], did: str
) -> Response[bytes]:
    """Back to the class, which says what was done, or why not."""
    class_id = str(arguments["name"])
    try:
        await act(request, action, arguments)
    except CarrelError as refused:
        return await teaching.show(request, class_id, error=refused)
    return to_page(request, f"/teach/{class_id}?did={did}")


def no_course(visitor: Visitor, project: Project | None) -> str:
    """Why whoever looks has no classes here, with the next step; empty where they may have some."""
    if not visitor.leads:
        return (
            "Classes are made by who leads a course, with a key of theirs in it. Ask who runs the box:"
            " `carrel member add PERSON --project COURSE --lead`, then sign in with a key of that course."
        )
    if project is None or project.kind != "course":
        return (
            "The project of this key is no course, so it has no classes. Ask who runs the box:"
            " `carrel project new COURSE --kind course`, with you as its lead, then sign in with a key of it."
        )
    return ""


def _row(line: ClassLine, now_ms: int) -> dict[str, object]:
    return {
        "id": line.id,
        "title": line.title,
        "state": line.state,
        "sign": SIGNS.get(line.state, ""),
        "mode": line.mode,
        "taken": line.taken,
        "seats": line.seats,
        "ends": moment(line.ends_ms, now_ms),
        "models": line.models,
    }
