"""What the pages of a class have in common: the class as its lead sees it, and the models to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Request, Response

from appliance.domain.classes import CLASS_MODEL
from appliance.domain.results import ClassDetail, ClassSeats, JoinScreen
from appliance.errors import CarrelError
from appliance.web.acting import act
from appliance.web.once import Once
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.rehearsals import Rehearsals
from appliance.web.seat_grid import GridView, SeatView, grid_of, mark_of, seat_of
from appliance.web.visitors import require_visitor

AnyRequest = Request[Any, Any, Any]

SIGNS: Final = {"planned": "○", "open": "▶", "paused": "‖", "over": "■"}
"""Of states, beside their words."""
DONE: Final = {
    "made": "The class is made. Open it when the lesson begins; cards can be printed before.",
    "opened": "The class is open: its keys work.",
    "paused": "Paused: nobody is answered. What ran is ended.",
    "resumed": "Going on: everybody is answered again.",
    "ended": "The class is over. Its report stays.",
    "message": "The message is shown on every page of the class.",
    "cleared": "The message is gone.",
    "topped": "The seat has 10,000 tokens more.",
    "released": "The seat is free again.",
    "swapped": "class-model is another model now.",
    "settings": "The settings are kept.",
    "taken": "The list is taken in.",
    "voting": "The vote is open, on the page Compare.",
    "voted": "The vote is over.",
}
"""What a page says was done, by the word in its address."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model that a class may have. ``why``: what is the matter with one that it has and cannot use."""

    id: str
    title: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class NowView:
    """The fragment with all seats. ``sign`` is that of the class, ``mark`` changes with what is shown,
    ``guests`` is how many may come.
    """

    grid: GridView
    mark: str
    sign: str
    guests: int


@dataclass(frozen=True, slots=True)
class PanelView:
    """The fragment with the seat that was ``asked`` for; ``once`` is good for one press of its buttons."""

    id: str
    asked: str
    seat: SeatView | None
    over: bool
    once: str


@dataclass(frozen=True, slots=True)
class Teaching:
    """Everything that these pages keep between requests."""

    parts: WebParts
    pages: Pages
    rehearsals: Rehearsals
    once: Once = field(default_factory=Once)

    async def detail(self, request: AnyRequest, class_id: str) -> ClassDetail:
        """The class, to whoever leads its project. Raises ``NotFound``."""
        detail: ClassDetail = await act(request, "class.show", {"name": class_id})
        return detail

    async def seats(self, request: AnyRequest, class_id: str) -> ClassSeats:
        """Its seats now. Raises ``NotFound``."""
        seats: ClassSeats = await act(request, "class.seats", {"name": class_id})
        return seats

    def choices(self, request: AnyRequest, kept: Iterable[str] = ()) -> tuple[ModelChoice, ...]:
        """Models that run and that whoever looks may use; those in ``kept`` in any case."""
        offered = self.parts.models(require_visitor(request.scope).caller)
        running = [
            ModelChoice(one.id, one.title)
            for one in offered
            if one.usable and one.chats and one.card is not None and one.id != CLASS_MODEL
        ]
        ids = {one.id for one in running}
        rest = [one for one in kept if one not in ids]
        return (
            *running,
            *(ModelChoice(one, one, "It does not run now, or is not yours to use.") for one in rest),
        )

    async def show(
        self,
        request: AnyRequest,
        class_id: str,
        *,
        error: CarrelError | None = None,
        opening: object = None,
    ) -> Response[bytes]:
        """The page of a class; with ``error`` it says what was not done."""
        detail = await self.detail(request, class_id)
        seats = await self.seats(request, detail.id)
        screen: JoinScreen = await act(request, "class.projector", {"name": detail.id})
        asked = request.query_params.get("seat", "")[:100]
        return self.pages.show(
            request,
            "teach_class.html",
            200 if error is None else error.status,
            id=detail.id,
            detail=detail,
            state=seats.state,
            screen=screen,
            poll=screen.poll,
            did=DONE.get(request.query_params.get("did", ""), ""),
            error="" if error is None else error.message,
            opening=opening if opening is not None else _opening(request),
            addresses=tuple(self.parts.addresses()),
            choices=self.choices(request, detail.models),
            run=self.rehearsals.view(detail.id),
            now=now_of(seats, detail.guests),
            panel=self.panel(seats, asked),
        )

    def panel(self, seats: ClassSeats, asked: str) -> PanelView:
        """One seat, closely."""
        return PanelView(
            id=seats.id,
            asked=asked,
            seat=seat_of(seats, asked) if asked else None,
            over=seats.state == "over",
            once=self.once.make() if asked else "",
        )


def now_of(seats: ClassSeats, guests: int = 0) -> NowView:
    """All seats."""
    grid = grid_of(seats)
    return NowView(grid, mark_of(grid), SIGNS.get(seats.state, ""), guests)


def _opening(request: AnyRequest) -> dict[str, object]:
    """What was chosen for opening when the class was made."""
    chosen = request.query_params
    return {"plain": chosen.get("plain") == "on", "address": chosen.get("address", "")[:45]}
