"""One line for each thing that a dialog asks: what it is, and where to type it."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input

from tui.parts.lines import Lines


class Field(Horizontal):
    """``name`` is that of the argument."""

    DEFAULT_CSS = """
    Field { height: 1; width: 1fr; }
    Field > Lines { width: 9; height: 1; color: $text-muted; text-wrap: nowrap; }
    Field > Input { width: 1fr; background: $background; }
    Field > Input > .input--placeholder { color: $text-muted; }
    Field > Input:focus { background: $chosen; background-tint: transparent; }
    """

    def __init__(self, name: str, title: str, *, hint: str = "", value: str = "", most: int = 200) -> None:
        super().__init__()
        self._title = title
        self.line = Input(
            value,
            placeholder=hint,
            id=f"field-{name}",
            name=name,
            compact=True,
            max_length=most,
            select_on_focus=False,
        )

    def compose(self) -> ComposeResult:
        """Its name and the line."""
        yield Lines()
        yield self.line

    def on_mount(self) -> None:
        """Say what it is."""
        self.query_one(Lines).say(self._title, "quiet")

    @property
    def value(self) -> str:
        """What was typed, without spaces around it."""
        return self.line.value.strip()


class Choice(Button):
    """A button of one line; the one that has the focus is reversed, which needs no color."""

    DEFAULT_CSS = """
    Choice {
        height: 1; min-width: 8; width: auto; margin: 0 1 0 0; background: $background; color: $foreground;
        border: none !important;
    }
    Choice:focus { text-style: bold reverse; background-tint: transparent; }
    Choice:disabled { color: $text-muted; }
    """

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(label, id=id, compact=True)


class Switched(Choice):
    """Something that is or is not; which of both is a word."""

    def __init__(self, title: str, *, on: bool, id: str) -> None:
        self._title = title
        self.on = on
        super().__init__(self._words, id=id)

    @property
    def _words(self) -> str:
        return f"{self._title}: {'yes' if self.on else 'no'}"

    def turn(self) -> None:
        """From one to the other."""
        self.on = not self.on
        self.label = self._words
