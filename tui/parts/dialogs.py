"""The frame of every dialog: at most nine tenths of the terminal, words wrapped, closed by esc."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from appliance.domain.plain_text import one_line

Answered = TypeVar("Answered")


class Dialog(ModalScreen[Answered | None]):
    """Subclasses give ``contents``. Dismissed with None by esc. ``grave`` has a frame that says so."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close", show=False)]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > #frame {
        width: auto; min-width: 40; max-width: 90%; height: auto; max-height: 90%; padding: 0 1;
        background: $surface; border: round $primary; border-title-color: $text-primary;
    }
    Dialog.-grave > #frame { border: heavy $text-error; border-title-color: $text-error; }
    Dialog.-full > #frame { width: 90%; height: 90%; }
    """

    def __init__(self, title: str, *, grave: bool = False, full: bool = False) -> None:
        super().__init__()
        self._title = title
        self.set_class(grave, "-grave")
        self.set_class(full, "-full")

    def contents(self) -> ComposeResult:
        """What is inside of the frame."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The frame around it."""
        frame: Widget = VerticalScroll(*self.contents(), id="frame")
        # As content: an escape before a bracket would make markup of it again.
        frame.border_title = Content(one_line(self._title) or " ")
        yield frame
