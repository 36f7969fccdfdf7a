"""A new class: written, looked at, made. Until then all of it is in the form and nothing in the box."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.domain.results import ClassDetail
from appliance.errors import BadRequest, CarrelError, NotFound
from appliance.web.acting import act
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.lesson_forms import NewClassForm, OpenForm
from appliance.web.roster_preview import RosterPreview, mark_of_text, preview_of_text, roster_text
from appliance.web.teaching import Teaching
from appliance.web.visitors import require_visitor

AnyRequest = Request[Any, Any, Any]

_HOUR_MIN = 90


def new_class_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """Its page, and what it sends. No class has the name of this path: ids begin with a letter or digit."""

    @get("/teach/_new", name="new_class_page")
    async def page(request: AnyRequest) -> Response[bytes]:
        choices = teaching.choices(request)
        first = choices[0].id if choices else ""
        return _show(teaching, request, NewClassForm(first=first, minutes=_HOUR_MIN), "")

    @post("/teach/_new", name="new_class")
    async def send(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, NewClassForm)
        text = form.roster
        try:
            text = roster_text(form.roster, form.roster_file, "The file")
            preview = await _looked_at(form, text)
            if form.what == "preview" or form.previewed != mark_of_text(text):
                return _show(teaching, request, form, text, preview=preview)
            made: ClassDetail = await act(request, "class.new", form.arguments(text))
        except CarrelError as refused:
            return _show(teaching, request, form, text, refused)
        return await _after(teaching, request, form, made)

    return [page, send]


async def _looked_at(form: NewClassForm, text: str) -> RosterPreview | None:
    """None for a class of guests alone."""
    if not form.title:
        raise BadRequest("Give the class a title: students see it.", param="title")
    if text.strip():
        # Thousands of lines take a tenth of a second, in which streams would stand still.
        return await asyncio.to_thread(preview_of_text, text)
    if not form.guests:
        raise BadRequest(
            "Give a list of students, or say how many guests may join with the code.", param="roster"
        )
    return None


async def _after(
    teaching: Teaching, request: AnyRequest, form: NewClassForm, made: ClassDetail
) -> Response[bytes]:
    opening = OpenForm(plain=form.plain, address=form.address)
    if form.what == "make":
        wishes = urlencode({"did": "made", "plain": form.plain, "address": form.address})
        return to_page(request, f"/teach/{made.id}?{wishes}")
    try:
        await act(request, "class.open", opening.arguments(made.id))
    except CarrelError as refused:
        return await teaching.show(request, made.id, error=refused, opening=opening)
    return to_page(request, f"/teach/{made.id}?did=opened")


def _show(
    teaching: Teaching,
    request: AnyRequest,
    form: NewClassForm,
    text: str,
    refused: CarrelError | None = None,
    *,
    preview: RosterPreview | None = None,
) -> Response[bytes]:
    if not require_visitor(request.scope).leads:
        raise NotFound("This key leads no course, so it makes no class. `Me` tells whose key it is.")
    previewed = refused is None and request.method == "POST"
    return teaching.pages.show(
        request,
        "teach_new.html",
        200 if refused is None else refused.status,
        form=form,
        text=text,
        models=teaching.choices(request, form.models),
        addresses=tuple(teaching.parts.addresses()),
        preview=preview,
        looked_at=previewed,
        mark=mark_of_text(text),
        error="" if refused is None else refused.message,
    )
