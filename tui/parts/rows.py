"""A table whose rows are drawn when they are seen: thousands of rows, changed many times a second, cost what
is visible.

Rows have keys. The cursor stays on its key whatever comes, goes or moves around it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.parts.cells import Cell
from tui.parts.widths import Column, widths
from tui.themes import Tones, tones_of

_GAP: Final = 1
_DRAWN_MOST: Final = 300
"""Rows that are kept as they were drawn: more than a screen has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``data`` is what it is about, for whoever acts on it."""

    key: str
    cells: tuple[Cell, ...]
    data: object = None


class Rows(ScrollView, can_focus=True):
    """``empty`` is what it says without rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(False)", "First", show=False),
        Binding("end,G", "edge(True)", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
    ]
    DEFAULT_CSS = """
    Rows { height: 1fr; overflow-x: hidden; background: $background; scrollbar-size-vertical: 1; }
    """

    class Opened(Message):
        """Somebody pressed enter on a row, or clicked it twice."""

        def __init__(self, rows: "Rows", row: Row) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    class Chosen(Message):
        """The cursor is on another row, or on none."""

        def __init__(self, rows: "Rows", row: Row | None) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    def __init__(self, columns: Sequence[Column], *, id: str, empty: str = "Nothing here.") -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._empty = empty
        self._all: tuple[Row, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._cursor = 0
        self._wanted = ""
        self._filter = ""
        self._strips: LRUCache[tuple[int, int, Style, str], tuple[Row, Strip]] = LRUCache(_DRAWN_MOST)

    # ---- what others do with it ----

    def show(self, rows: Iterable[Row]) -> None:
        """These rows in this order. The cursor stays on its key; where that is gone, on its place."""
        new = tuple(rows)
        if new != self._all:
            self._all = new
            self._lay_out()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns, for the rows that are shown next."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.refresh()

    def say_when_empty(self, text: str) -> None:
        """What it says without rows, from now on."""
        if text != self._empty:
            self._empty = text
            self.refresh()

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those that pass the filter."""
        return self._rows

    def filter_by(self, text: str) -> None:
        """Show only rows that have all of these words somewhere; a word after ``!`` must be missing."""
        self._filter = text
        self._lay_out()

    def choose(self, key: str) -> None:
        """Put the cursor on this row, now or as soon as it is there."""
        self._wanted = key
        self._lay_out()

    def choose_last(self) -> None:
        """Put the cursor on the last row."""
        self._go(len(self._rows) - 1)

    # ---- the cursor ----

    def action_move(self, by: int) -> None:
        """By so many rows."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """By so many pages."""
        self._go(self._cursor + by * max(1, self._visible_rows - 1))

    def action_edge(self, last: bool) -> None:
        """To the first or last row."""
        self._go(len(self._rows) - 1 if last else 0)

    def action_open(self) -> None:
        """Tell that the row under the cursor was opened."""
        if self.chosen is not None:
            self.post_message(self.Opened(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked; open it the second time."""
        number = event.y - 1 + round(self.scroll_y)
        if event.y < 1 or number >= len(self._rows):
            return
        again = number == self._cursor and event.chain > 1
        self._go(number)
        if again:
            self.action_open()

    @property
    def _visible_rows(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _go(self, number: int) -> None:
        bounded = max(0, min(number, len(self._rows) - 1))
        self._wanted = ""
        if bounded != self._cursor or not self._rows:
            self._cursor = bounded
            self.post_message(self.Chosen(self, self.chosen))
        self._scroll_to_cursor()
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        top = round(self.scroll_y)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + self._visible_rows:
            self.scroll_to(y=self._cursor - self._visible_rows + 1, animate=False, force=True)

    # ---- drawing ----

    def _lay_out(self) -> None:
        before = self.chosen
        key = self._wanted or (before.key if before else "")
        self._rows = tuple(filter(_fits(self._filter), self._all)) if self._filter.strip() else self._all
        place = next((n for n, row in enumerate(self._rows) if row.key == key), None) if key else None
        if place is not None and key == self._wanted:
            self._wanted = ""
        self._cursor = place if place is not None else max(0, min(self._cursor, len(self._rows) - 1))
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        after = self.chosen
        if (before.key if before else None, before) != (after.key if after else None, after):
            self.post_message(self.Chosen(self, after))
        self._scroll_to_cursor()
        self.refresh()

    def on_resize(self) -> None:
        """Columns depend on the width."""
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self._scroll_to_cursor()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The header, a row, or what is said in place of rows."""
        width = self.scrollable_content_region.width
        tones = tones_of(self.app.theme)
        base = self.rich_style
        if y == 0:
            titles = [Text(one.title, style=f"bold {tones.quiet}") for one in self._columns]
            return self._strip(titles, width, base)
        number = y - 1 + round(self.scroll_y)
        if not self._rows and number == 0:
            words = "Nothing fits the filter." if self._all else self._empty
            return self._line(Cell(words, "quiet").drawn(tones), width, base)
        if number >= len(self._rows):
            return Strip.blank(width, base)
        if number == self._cursor:
            base += Style(bgcolor=tones.chosen, bold=self.has_focus)
        return self._drawn(self._rows[number], width, base, tones)

    def _drawn(self, row: Row, width: int, base: Style, tones: Tones) -> Strip:
        """As it was drawn before, where it is the same row in the same place and tones."""
        key = (id(row), width, base, tones.text)
        kept = self._strips.get(key)
        # The row is kept with its strip: another one cannot get its id meanwhile.
        if kept is None or kept[0] is not row:
            kept = (row, self._strip([one.drawn(tones) for one in row.cells], width, base))
            self._strips[key] = kept
        return kept[1]

    def _strip(self, texts: Sequence[Text], width: int, base: Style) -> Strip:
        line = Text(no_wrap=True)
        given = widths(self._columns, width, _GAP)
        for column, text, room in zip(self._columns, texts, given, strict=True):
            if not room:
                continue
            if line.cell_len:
                line.append(" " * _GAP)
            text.truncate(room, overflow="ellipsis")
            spare = " " * max(0, room - text.cell_len)
            line = (
                line.append(spare).append_text(text) if column.right else line.append_text(text).append(spare)
            )
        return self._line(line, width, base)

    def _line(self, line: Text, width: int, base: Style) -> Strip:
        line.truncate(width, overflow="ellipsis")
        segments = [one for one in line.render(self.app.console) if "\n" not in one.text]
        return Strip(Segment.apply_style(segments, base)).adjust_cell_length(width, base)

    def watch_has_focus(self, _focus: bool) -> None:
        """The cursor is bold where keys go."""
        self.refresh(Region(0, 0, self.size.width, self.size.height))


def _fits(words: str) -> Callable[[Row], bool]:
    wanted = [one.lower() for one in words.split() if not one.startswith("!")]
    unwanted = [one[1:].lower() for one in words.split() if one.startswith("!") and len(one) > 1]

    def fits(row: Row) -> bool:
        text = " ".join(one.text for one in row.cells).lower()
        return all(one in text for one in wanted) and not any(one in text for one in unwanted)

    return fits
