"""Cards of a class: their keys are made by one press, and the page with them is shown that once."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from appliance.domain.results import ClassCards
from appliance.web.acting import act
from appliance.web.cards import sheet_of
from appliance.web.forms import read_form
from appliance.web.teaching import Teaching

AnyRequest = Request[Any, Any, Any]


class CardsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``reissue``: those too that have a key."""

    once: Annotated[str, Meta(max_length=40)] = ""
    reissue: Literal["", "on"] = ""


def card_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """A page that asks, and the cards."""

    @get("/teach/{class_id:str}/cards", name="class_cards_page")
    async def page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        detail = await teaching.detail(request, class_id)
        return teaching.pages.show(
            request, "teach_cards.html", id=detail.id, detail=detail, once=teaching.once.make()
        )

    @post("/teach/{class_id:str}/cards", name="class_cards")
    async def make(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, CardsForm)
        detail = await teaching.detail(request, class_id)
        teaching.once.use(form.once)
        arguments = {"name": detail.id, "reissue": form.reissue == "on"}
        made: ClassCards = await act(request, "class.cards", arguments)
        return teaching.pages.show(
            request, "cards_page.html", id=detail.id, sheet=sheet_of(made), kept=made.kept
        )

    return [page, make]
