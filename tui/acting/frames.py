"""A dialog whose middle scrolls, and whose last lines stay however small the terminal is."""

from collections.abc import Sequence
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from appliance.domain.plain_text import one_line
from tui.parts.cells import Cell
from tui.parts.dialogs import Dialog
from tui.viewer import Viewer

Answered = TypeVar("Answered")


class Framed(Dialog[Answered]):
    """Subclasses give ``contents`` for the middle, ``above`` and ``below`` for what stays. The frame is as
    high as ``fit`` was told, and at most as the terminal is.
    """

    app: Viewer
    DEFAULT_CSS = """
    Framed > #frame { width: 90%; max-width: 120; max-height: 100%; height: 90%; }
    Framed.-narrow > #frame, Framed.-short > #frame { width: 100%; }
    Framed #inside { height: 1fr; scrollbar-size-vertical: 1; }
    Framed #buttons { height: 1; }
    Framed Button { width: auto; min-width: 4; margin-right: 2; padding: 0 1; background: $background; }
    Framed Button:focus { text-style: bold reverse; }
    """
    CHROME = 2
    """Lines of the frame itself."""

    def above(self) -> Sequence[Widget]:
        """What stays over the middle."""
        return ()

    def below(self) -> Sequence[Widget]:
        """What stays under the middle."""
        return ()

    def compose(self) -> ComposeResult:
        """The frame around both."""
        middle = VerticalScroll(*self.contents(), id="inside")
        frame = Vertical(*self.above(), middle, *self.below(), id="frame")
        frame.border_title = Content(one_line(self._title))
        yield frame

    def fit(self, lines: int) -> None:
        """Be as high as so many lines need."""
        room = self.app.size.height
        most = room if room < 24 else room - 2
        self.query_one("#frame").styles.height = max(6, min(lines + self.CHROME, most))


def buttons(*named: tuple[str, str]) -> Horizontal:
    """One line of buttons, each by its id and what it says."""
    made = (Button(Content(f"[{says}]"), id=name, compact=True) for name, says in named)
    return Horizontal(*made, id="buttons")


def keys_line(*keys: tuple[str, str]) -> list[Cell | str]:
    """Keys and what they do, as the last line of a dialog."""
    made: list[Cell | str] = []
    for key, does in keys:
        made += [Cell(key, "strong"), f" {does}  "]
    return made
