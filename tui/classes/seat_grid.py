"""All seats of a class beside each other, as many in a row as fit; arrow keys move, enter looks closely."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from appliance.domain.results import SeatLine
from tui.classes.seats import WIDTH, lower, upper
from tui.parts.cells import Cell
from tui.themes import tones_of
from tui.viewer import Viewer

_GAP: Final = 1
_LINES: Final = 2
"""Of a seat."""


class SeatGrid(ScrollView, can_focus=True):
    """The cursor stays on its person, whoever comes and goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "Left", show=False),
        Binding("right", "move(1, 0)", "Right", show=False),
        Binding("up", "move(0, -1)", "Up", show=False),
        Binding("down", "move(0, 1)", "Down", show=False),
        Binding("home", "edge(False)", "First", show=False),
        Binding("end,G", "edge(True)", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
    ]
    DEFAULT_CSS = """
    SeatGrid { height: 1fr; overflow-x: hidden; background: $background; scrollbar-size-vertical: 1; }
    """
    app: Viewer

    class Opened(Message):
        """Somebody pressed enter on a seat, or clicked it twice."""

        def __init__(self, seat: SeatLine) -> None:
            super().__init__()
            self.seat = seat

    class Chosen(Message):
        """The cursor is on another seat."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._seats: tuple[SeatLine, ...] = ()
        self._cursor = 0
        self._empty = ""

    # ---- what others do with it ----

    def show(self, seats: Sequence[SeatLine], *, empty: str = "No seats.") -> None:
        """These, in this order."""
        if (tuple(seats), empty) == (self._seats, self._empty):
            return
        person = self.chosen.person if self.chosen else ""
        self._seats, self._empty = tuple(seats), empty
        place = next((n for n, one in enumerate(self._seats) if one.person == person), self._cursor)
        self._go(place)

    @property
    def chosen(self) -> SeatLine | None:
        """The seat under the cursor."""
        return self._seats[self._cursor] if self._seats else None

    @property
    def columns(self) -> int:
        """How many seats are beside each other."""
        return max(1, (self.scrollable_content_region.width + _GAP) // (WIDTH + _GAP))

    @property
    def _pitch(self) -> int:
        """Lines from one row to the next: with one between them where all fit."""
        rows = -(-len(self._seats) // self.columns)
        return _LINES + 1 if rows * (_LINES + 1) <= self.size.height + 1 else _LINES

    # ---- the cursor ----

    def action_move(self, across: int, down: int) -> None:
        """By so many seats and rows."""
        wanted = self._cursor + across + down * self.columns
        if 0 <= wanted < len(self._seats):
            self._go(wanted)

    def action_edge(self, last: bool) -> None:
        """To the first or last seat."""
        self._go(len(self._seats) - 1 if last else 0)

    def action_open(self) -> None:
        """Tell that the seat under the cursor was opened."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the seat that was clicked; open it the second time."""
        row, column = (event.y + round(self.scroll_y)) // self._pitch, event.x // (WIDTH + _GAP)
        number = row * self.columns + column
        if column >= self.columns or number >= len(self._seats):
            return
        self._go(number)
        if event.chain > 1:
            self.action_open()

    def _go(self, number: int) -> None:
        self._cursor = max(0, min(number, len(self._seats) - 1))
        self._lay_out()
        self.post_message(self.Chosen())

    def _lay_out(self) -> None:
        rows, pitch = -(-len(self._seats) // self.columns), self._pitch
        self.virtual_size = Size(self.size.width, rows * pitch - (pitch - _LINES))
        at, top = self._cursor // self.columns * pitch, round(self.scroll_y)
        if at < top:
            self.scroll_to(y=at, animate=False, force=True)
        elif at + _LINES > top + self.size.height:
            self.scroll_to(y=at + _LINES - self.size.height, animate=False, force=True)
        self.refresh()

    def on_resize(self) -> None:
        """Another number of them is beside each other."""
        self._lay_out()

    # ---- drawing ----

    def render_line(self, y: int) -> Strip:
        """One line of one row of seats."""
        width, base, tones = self.scrollable_content_region.width, self.rich_style, tones_of(self.app.theme)
        if not self._seats and y == 0:
            return self._strip(Cell(self._empty, "quiet").drawn(tones), width, base)
        row, part = divmod(y + round(self.scroll_y), self._pitch)
        first = row * self.columns
        if part >= _LINES or first >= len(self._seats):
            return Strip.blank(width, base)
        line = Text(no_wrap=True)
        for number, seat in enumerate(self._seats[first : first + self.columns], first):
            cell = lower(seat, ascii_only=self.app.ascii_only) if part else upper(seat)
            text = Text(cell.text, style=tones.color(cell.tone))
            text.truncate(WIDTH, overflow="crop", pad=True)
            if number == self._cursor:
                text.stylize(Style(bgcolor=tones.chosen, bold=self.has_focus))
            line.append_text(text).append(" " * _GAP)
        return self._strip(line, width, base)

    def _strip(self, line: Text, width: int, base: Style) -> Strip:
        line.truncate(width, overflow="ellipsis")
        segments = [one for one in line.render(self.app.console) if "\n" not in one.text]
        return Strip(Segment.apply_style(segments, base)).adjust_cell_length(width, base)

    def watch_has_focus(self, _focus: bool) -> None:
        """The cursor is bold where keys go."""
        self.refresh()
