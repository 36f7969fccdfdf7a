"""The seats of a class, asked for again and again, and what helps one of them."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from appliance.domain.results import SeatKey
from appliance.errors import CarrelError
from appliance.web.acting import act
from appliance.web.cards import sign_in_url
from appliance.web.class_times import whole_moment
from appliance.web.errors import to_page
from appliance.web.forms import read_form
from appliance.web.key_groups import key_groups
from appliance.web.lesson_forms import Short
from appliance.web.qr import qr_svg
from appliance.web.teaching import Teaching, now_of

AnyRequest = Request[Any, Any, Any]

_MORE_TOKENS = 10_000


class SeatForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do for a seat; ``once`` lets a key be made by one press only."""

    seat: Short
    what: Literal["reissue", "top-up", "release"]
    once: Annotated[str, Meta(max_length=40)] = ""


def seat_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """Two fragments and a form."""

    @get("/teach/{class_id:str}/_seats", name="teach_seats")
    async def all_seats(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        seats = await teaching.seats(request, class_id)
        now = now_of(seats)
        if request.query_params.get("mark") == now.mark:
            # Nothing changed: what is there stays, and so does the focus.
            return Response(b"", status_code=204)
        return teaching.pages.show(request, "_seats.html", now=now)

    @get("/teach/{class_id:str}/_seat", name="teach_seat")
    async def one_seat(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        seats = await teaching.seats(request, class_id)
        asked = request.query_params.get("seat", "")[:100]
        return teaching.pages.show(request, "_seat.html", panel=teaching.panel(seats, asked))

    @post("/teach/{class_id:str}/seat", name="teach_seat_act")
    async def help_seat(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        form = await read_form(request, SeatForm)
        try:
            return await _helped(teaching, request, class_id, form)
        except CarrelError as refused:
            return await teaching.show(request, class_id, error=refused)

    return [all_seats, one_seat, help_seat]


async def _helped(teaching: Teaching, request: AnyRequest, class_id: str, form: SeatForm) -> Response[bytes]:
    teaching.once.use(form.once)
    arguments: dict[str, object] = {"name": class_id, "seat": form.seat}
    if form.what == "reissue":
        return await _reissued(teaching, request, arguments)
    if form.what == "top-up":
        await act(request, "class.top-up", {**arguments, "tokens": _MORE_TOKENS})
        return to_page(request, f"/teach/{class_id}?did=topped")
    await act(request, "class.release", arguments)
    return to_page(request, f"/teach/{class_id}?did=released")


async def _reissued(teaching: Teaching, request: AnyRequest, arguments: dict[str, object]) -> Response[bytes]:
    detail = await teaching.detail(request, str(arguments["name"]))
    made: SeatKey = await act(request, "class.reissue", arguments)
    return teaching.pages.show(
        request,
        "teach_key.html",
        id=detail.id,
        detail=detail,
        made=made,
        key=made.key,
        groups=key_groups(made.key),
        qr=qr_svg(sign_in_url(detail.addresses[0], made.key)),
        qr_says="Scan to sign in with it",
        until=whole_moment(made.expires_ms),
    )
