"""The list of students of a class that is there: late enrolments, looked at before they are taken in."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from appliance.domain.results import ClassRoster
from appliance.errors import BadRequest, CarrelError
from appliance.web.acting import act
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.lesson_forms import RosterForm
from appliance.web.roster_preview import RosterPreview, mark_of_text, preview_of_dry_run, roster_text
from appliance.web.teaching import Teaching

AnyRequest = Request[Any, Any, Any]


def roster_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """A page and its form."""

    @get("/teach/{class_id:str}/roster", name="class_roster_page")
    async def page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        return await _show(teaching, request, class_id)

    @post("/teach/{class_id:str}/roster", name="class_roster")
    async def send(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, RosterForm)
        text = form.roster
        try:
            text = roster_text(form.roster, form.roster_file, "The file")
            if not text.strip():
                raise BadRequest("Choose the file with the list, or paste its lines.", param="roster")
            if form.what == "preview" or form.previewed != mark_of_text(text):
                preview = await _looked_at(request, class_id, text)
                return await _show(teaching, request, class_id, text, preview=preview)
            await act(request, "class.roster", {"name": class_id, "file": text})
        except CarrelError as refused:
            return await _show(teaching, request, class_id, text, refused)
        return to_page(request, f"/teach/{class_id}?did=taken")

    return [page, send]


async def _looked_at(request: AnyRequest, class_id: str, text: str) -> RosterPreview:
    told: ClassRoster = await act(request, "class.roster", {"name": class_id, "file": text, "dry_run": True})
    return preview_of_dry_run(told, text)


async def _show(
    teaching: Teaching,
    request: AnyRequest,
    class_id: str,
    text: str = "",
    refused: CarrelError | None = None,
    *,
    preview: RosterPreview | None = None,
) -> Response[bytes]:
    detail = await teaching.detail(request, class_id)
    return teaching.pages.show(
        request,
        "teach_roster.html",
        200 if refused is None else refused.status,
        id=detail.id,
        detail=detail,
        text=text,
        preview=preview,
        error="" if refused is None else refused.message,
    )
