"""The projector: what a whole class may read from the wall. Nothing of it is private: no names, no keys."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup

from appliance.domain.results import JoinScreen
from appliance.web.acting import act
from appliance.web.class_times import left
from appliance.web.errors import to_page
from appliance.web.forms import Empty, read_form
from appliance.web.pages import Pages
from appliance.web.qr import qr_svg
from appliance.web.seat_grid import mark_of, seconds

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ScreenView:
    """What the wall shows; ``mark`` changes with it."""

    screen: JoinScreen
    left: str
    code_left: str
    first_word: str
    qr: Markup
    mark: str


def project_routes(pages: Pages) -> list[HTTPRouteHandler]:
    """The page, its fragment, and a new code."""

    @get("/project/{class_id:str}", name="projector")
    async def page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        return pages.show(request, "project.html", shown=_view(await _screen(request, class_id)))

    @get("/project/{class_id:str}/_screen", name="projector_screen")
    async def screen(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        shown = _view(await _screen(request, class_id))
        if request.query_params.get("mark") == shown.mark:
            return Response(b"", status_code=204)
        return pages.show(request, "_screen.html", shown=shown)

    @post("/project/{class_id:str}/code", name="projector_code")
    async def code(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        await read_form(request, Empty)
        made: JoinScreen = await act(request, "class.join-screen", {"name": class_id, "new": True})
        return to_page(request, f"/project/{made.id}")

    return [page, screen, code]


async def _screen(request: AnyRequest, class_id: str) -> JoinScreen:
    screen: JoinScreen = await act(request, "class.projector", {"name": class_id})
    return screen


def _view(screen: JoinScreen) -> ScreenView:
    class_left = left(screen.ends_ms, screen.now_ms)
    code_left = "" if screen.code_ends_ms is None else left(screen.code_ends_ms, screen.now_ms)
    # Without the moment itself, which is another one each time and shown nowhere.
    words = [(name, getattr(screen, name)) for name in screen.__struct_fields__ if name != "now_ms"]
    return ScreenView(
        screen=screen,
        left=class_left,
        code_left=code_left,
        first_word=seconds(screen.first_word_ms),
        qr=qr_svg(screen.join_url),
        mark=mark_of((words, class_left, code_left)),
    )
