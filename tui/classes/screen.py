"""The screen CLASS: classes, the seats of the chosen one as a grid, and what the projector shows."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.widget import Widget

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import ClassDetail, ClassLine, ClassList, ClassSeats, JoinScreen, SeatLine
from appliance.domain.watching import Topic
from tui.classes import keys
from tui.classes.close_ups import seat_facts, seat_keys, seat_title
from tui.classes.following import CLASSES, detail_of, projector_of, seats_of
from tui.classes.listing import CLASSES as COLUMNS
from tui.classes.listing import class_facts, class_rows, heading
from tui.classes.projector import Projector
from tui.classes.rows import ClassRows
from tui.classes.saving import CARDS, REPORT, Saved, Saving, save
from tui.classes.seat_grid import SeatGrid
from tui.deeds import ActionKey, Deed
from tui.parts.closeups import CloseUp
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.screen import BoxScreen


class ClassesScreen(BoxScreen):
    """The classes above the seats, or beside them where there is room."""

    NAME = "classes"
    TITLE_IN_TABS = "CLASS"
    KEYS = keys.ACTION_KEYS
    EXPLAINS = (
        "Lessons. Enter goes from the list to the seats; there, arrows move and enter looks closely at one: "
        "its last error, and what mends it. j fills the terminal with the code to join, for a projector."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "join", "join screen"),
        Binding("m", "mend", "mend"),
        Binding("f", "save('cards')", "cards to a file", show=False),
        Binding("F", "save('report')", "report to a file", show=False),
    ]
    DEFAULT_CSS = """
    ClassesScreen #list { height: auto; }
    ClassesScreen #classes { height: 5; }
    ClassesScreen.-short #classes { height: 3; }
    ClassesScreen.-tall #classes { height: 8; }
    ClassesScreen #beside { display: none; height: auto; max-height: 60%; margin-top: 1; }
    ClassesScreen #lesson { height: 1fr; }
    ClassesScreen #heading { height: auto; max-height: 3; text-wrap: nowrap; text-overflow: ellipsis; }
    ClassesScreen.-short #heading { max-height: 2; }
    ClassesScreen.-usual #heading, ClassesScreen.-tall #heading { margin-top: 1; }
    ClassesScreen.-wide #body { layout: horizontal; }
    ClassesScreen.-wide #list { width: 1fr; height: 1fr; margin-right: 2; }
    ClassesScreen.-wide #classes { height: 1fr; }
    ClassesScreen.-wide #beside { display: block; }
    ClassesScreen.-wide #lesson { width: 79; }
    ClassesScreen.-wide #heading { margin-top: 0; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._projector: Projector | None = None
        self._close_up: tuple[CloseUp, str] | None = None

    def body(self) -> Widget:
        """The list with its facts, the heading with its seats."""
        empty = "No class. n makes one, with its class list."
        return Container(
            Vertical(
                ClassRows(COLUMNS, id=keys.CLASSES, empty=empty),
                VerticalScroll(Facts(id="facts"), id="beside", can_focus=False),
                id="list",
            ),
            Vertical(Lines(id="heading"), SeatGrid(id=keys.SEATS), id="lesson"),
        )

    # ---- what is chosen ----

    @property
    def lesson(self) -> ClassLine | None:
        """The chosen class."""
        row = self.query_one(f"#{keys.CLASSES}", Rows).chosen
        return row.data if row and isinstance(row.data, ClassLine) else None

    @property
    def grid(self) -> SeatGrid:
        """The seats."""
        return self.query_one(SeatGrid)

    @property
    def seat(self) -> SeatLine | None:
        """The chosen seat, while the seats have the focus."""
        return self.grid.chosen if self.focused is self.grid else None

    @property
    def seats(self) -> ClassSeats | None:
        """What is known of the seats of the chosen class."""
        found = self.app.latest(seats_of(self.lesson)) if self.lesson else None
        return found if isinstance(found, ClassSeats) else None

    # ---- following ----

    def topics(self) -> Sequence[Topic]:
        """The classes, the chosen one with its seats, what the projector shows while it does."""
        lesson = self.lesson
        shown = [projector_of(self._projector.class_id)] if self._projector else []
        return (CLASSES, *([detail_of(lesson.id), seats_of(lesson)] if lesson else []), *shown)

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Draw what an answer is shown in."""
        if isinstance(result, ClassList) and topic == CLASSES:
            rows = class_rows(result.classes, ascii_only=self.app.ascii_only)
            self.query_one(f"#{keys.CLASSES}", Rows).show(rows)
        elif isinstance(result, JoinScreen) and self._projector is not None:
            self._projector.show(result)
        self._draw()

    def _draw(self) -> None:
        """The chosen class, as far as it is known."""
        lesson, seats = self.lesson, self.seats
        found = self.app.latest(detail_of(lesson.id)) if lesson else None
        detail = found if isinstance(found, ClassDetail) else None
        self.query_one("#heading", Lines).show(heading(lesson, seats, detail) if lesson else [])
        self.query_one("#facts", Facts).state(class_facts(detail) if detail else [])
        empty = "" if lesson is None else "No seats. i takes in a class list." if seats else "Loading …"
        self.grid.show(seats.seats if seats else (), empty=empty)
        self._draw_close_up(seats)
        self.redraw_keys()

    def _draw_close_up(self, seats: ClassSeats | None) -> None:
        if self._close_up is None or seats is None:
            return
        dialog, person = self._close_up
        seat = next((one for one in seats.seats if one.person == person), None)
        if seat is not None and dialog.is_mounted:
            dialog.show(seat_facts(seat, seats), seat_keys(seat, seats))

    # ---- moving ----

    @on(Rows.Chosen)
    def look_at_class(self) -> None:
        """Another class."""
        self._say_refusals()
        self._draw()
        self.follow_anew()

    @on(Rows.Opened)
    def enter_class(self) -> None:
        """To its seats."""
        self.grid.focus()

    @on(SeatGrid.Chosen)
    def look_at_seat(self) -> None:
        """Other keys may work."""
        self.redraw_keys()

    @on(SeatGrid.Opened)
    def open_seat(self, event: SeatGrid.Opened) -> None:
        """Closely."""
        if self.seats is not None:
            seat, seats = event.seat, self.seats
            dialog = CloseUp(seat_title(seat), seat_facts(seat, seats), seat_keys(seat, seats))
            self._close_up = dialog, seat.person
            self.app.push_screen(dialog, self._leave_close_up)

    def _leave_close_up(self, _nothing: None) -> None:
        self._close_up = None

    def action_back(self) -> None:
        """Out of the filter, else from the seats to the list."""
        if self.focused is self.grid:
            self.query_one(f"#{keys.CLASSES}", Rows).focus()
        else:
            super().action_back()

    @on(events.Resize)
    def lay_out(self) -> None:
        """Other lines fit."""
        self._draw()

    # ---- acting ----

    def chosen(self) -> Mapping[str, object]:
        """The class, and the seat where it is chosen."""
        named = {"name": self.lesson.id} if self.lesson else {}
        return {**named, **({"seat": self.seat.person} if self.seat else {})}

    def subject(self) -> str:
        """What is typed before a class is closed."""
        return self.lesson.id if self.lesson else ""

    def chosen_data(self) -> object:
        """The seat, or the class."""
        return self.seat or self.lesson

    def deed(self, key: ActionKey) -> Deed:
        """A new class is not called as the chosen one is."""
        made = super().deed(key)
        if key.action == "class.new":
            return Deed("class.new", {}, form=True)
        return made

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what fits the state of the class."""
        if not super().check_action(action, parameters):
            return False
        state = self.lesson.state if self.lesson else ""
        if action == "begin" and isinstance(parameters[0], int):
            name = self.KEYS[parameters[0]].action
            return name not in keys.NEED or state in keys.NEED[name]
        if action == "mend":
            return self.seat is not None and bool(self.seat.mend) and state != "over"
        return bool(state) if action in {"join", "save"} else True

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """Without those that cannot be used now."""
        hidden = {one for one in ("join", "mend") if not self.check_action(one, ())}
        of = {"join screen": "join", "mend": "mend"}
        return [one for one in super().shown_keys if of.get(one[1]) not in hidden]

    def action_join(self) -> None:
        """Over the whole terminal; with a new code where none is valid."""
        lesson = self.lesson
        if lesson is None:
            return
        self._projector = Projector(lesson.id)
        self.follow_anew()
        self.app.push_screen(self._projector, self._leave_projector)

    def _leave_projector(self, _nothing: None) -> None:
        self._projector = None
        self.follow_anew()

    def action_mend(self) -> None:
        """What helps the chosen seat."""
        if self.seat is not None and self.lesson is not None:
            arguments = {"name": self.lesson.id, "seat": self.seat.person}
            self.app.act(Deed(f"class.{self.seat.mend}", arguments, subject=self.seat.person))

    def action_save(self, what: str) -> None:
        """Ask for a path, and write."""
        saved, lesson = (CARDS if what == "cards" else REPORT), self.lesson
        if lesson is not None:
            self.run_worker(self._save(saved, lesson.id), group="saving")

    async def _save(self, saved: Saved, class_id: str) -> None:
        path = await self.app.push_screen_wait(Saving(saved, class_id))
        if path:
            await save(self.app, saved, class_id, path)

    def copied_command(self) -> str:
        """The seats of the class, or all classes."""
        if self.lesson is None:
            return command_of(action_of("class.list"), {})
        shown = "class.seats" if self.focused is self.grid else "class.show"
        return command_of(action_of(shown), {"name": self.lesson.id})
