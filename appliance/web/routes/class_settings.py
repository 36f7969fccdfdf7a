"""What is set of a class, changed."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from appliance.errors import CarrelError
from appliance.web.acting import act
from appliance.web.class_times import moment
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.lesson_forms import SettingsForm, settings_of
from appliance.web.teaching import Teaching

AnyRequest = Request[Any, Any, Any]


def class_settings_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """A page and its form."""

    @get("/teach/{class_id:str}/settings", name="class_settings_page")
    async def page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        return await _show(teaching, request, class_id)

    @post("/teach/{class_id:str}/settings", name="class_settings")
    async def keep(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, SettingsForm)
        try:
            await act(request, "class.set", form.arguments(class_id))
        except CarrelError as refused:
            return await _show(teaching, request, class_id, form, refused)
        return to_page(request, f"/teach/{class_id}?did=settings")

    return [page, keep]


async def _show(
    teaching: Teaching,
    request: AnyRequest,
    class_id: str,
    form: SettingsForm | None = None,
    refused: CarrelError | None = None,
) -> Response[bytes]:
    detail = await teaching.detail(request, class_id)
    return teaching.pages.show(
        request,
        "teach_settings.html",
        200 if refused is None else refused.status,
        id=detail.id,
        detail=detail,
        form=settings_of(detail) if form is None else form,
        models=teaching.choices(request, detail.models),
        ends=moment(detail.ends_ms, teaching.parts.clock.now_ms()),
        error="" if refused is None else refused.message,
    )
