"""What the five parts of LOGS have in common."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message

from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import Deed
from tui.parts.cells import Cell
from tui.parts.lines import Line, Lines
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column
from tui.viewer import Viewer


class Section(Vertical):
    """A line that says what is shown, a table, and beside it, where there is room, the chosen row in full."""

    NAME: ClassVar[str]
    """Of its table, which keys are bound to."""
    TITLE: ClassVar[str]
    ACTION: ClassVar[str]
    """What fills the table."""
    COPIES: ClassVar[str] = ""
    """Whose command ``c`` copies; what fills the table if it is empty."""
    COLUMNS: ClassVar[Sequence[Column]]
    EMPTY: ClassVar[str]
    DEFAULT_CSS = """
    Section { height: 1fr; }
    Section > .says { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Section > Horizontal { height: 1fr; }
    Section Rows { width: 1fr; padding: 0 1; }
    Section .aside { display: none; width: 44; padding: 0 1; height: 1fr; border-left: solid $border; }
    """

    class Anew(Message):
        """A section follows another topic than before."""

    app: Viewer

    def compose(self) -> ComposeResult:
        """The three of them."""
        yield Lines(classes="says")
        with Horizontal():
            yield Rows(self.COLUMNS, id=self.NAME, empty="Nothing is known yet.")
            yield Lines(classes="aside")

    # ---- for subclasses ----

    def topic(self) -> Topic:
        """What it follows now."""
        raise NotImplementedError

    def take(self, result: msgspec.Struct) -> None:
        """The newest answer."""
        raise NotImplementedError

    def says(self) -> Line:
        """What is shown, in a line."""
        return []

    def aside(self, row: Row) -> Sequence[Line]:
        """The chosen row in full."""
        raise NotImplementedError

    def chosen(self) -> Mapping[str, object]:
        """See ``BoxScreen``."""
        return {}

    def opened(self, row: Row) -> Deed | None:
        """What enter does: an action that shows more, or something of its own."""
        raise NotImplementedError

    # ---- what it does for them ----

    @property
    def table(self) -> Rows:
        """Its table."""
        return self.query_one(Rows)

    @property
    def own_keys(self) -> Sequence[tuple[str, str]]:
        """Its keys for the last line."""
        return [
            (one.key_display or one.key, one.description)
            for one in self.BINDINGS
            if isinstance(one, Binding) and one.show
        ]

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """A topic's newest answer, of whatever topic."""
        if topic == self.topic():
            self.table.say_when_empty(self.EMPTY)
            self.take(result)
            self.draw_line()

    def refuse(self, topic: Topic, error: CarrelError) -> None:
        """It cannot be answered, and what was shown is not so any more."""
        if topic == self.topic():
            self.table.show(())
            self.table.say_when_empty(error.message)
            self.draw_line()

    def draw_line(self) -> None:
        """What is shown, said again."""
        self.query_one(".says", Lines).show([self.says()])

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """The row in full."""
        self.draw_aside(event.row)

    def draw_aside(self, row: Row | None) -> None:
        """The row in full, or nothing."""
        self.query_one(".aside", Lines).show(self.aside(row) if row else ())


def said(*pairs: tuple[str, object]) -> list[Line]:
    """Names and values, a line each; without those that have no value."""
    return [[Cell(f"{name} ", "quiet"), str(value)] for name, value in pairs if value not in ("", None)]
