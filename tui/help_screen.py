"""`?`: what the screen is for, its keys, and those of every screen."""

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.binding import Binding

from tui.parts.dialogs import Dialog
from tui.parts.facts import Facts
from tui.parts.lines import Lines

if TYPE_CHECKING:
    from tui.screen import BoxScreen

_EVERYWHERE: Final = (
    ("1 … 8", "the screens"),
    (":", "any command, found by its words"),
    ("/", "filter the table: words that must be there, !word must not"),
    ("enter", "open what is chosen"),
    ("esc", "back"),
    ("c", "copy the command that does the same"),
    ("y", "copy the row as JSON"),
    ("tab", "to the next table"),
    ("!", "what waits for you"),
    ("f2", "dark or light"),
    ("q", "leave; the box goes on"),
)


class HelpScreen(Dialog[None]):
    """Of one screen."""

    DEFAULT_CSS = """
    HelpScreen > #frame { width: 90%; max-width: 90; }
    HelpScreen #about { height: auto; margin-bottom: 1; }
    HelpScreen #keys { height: auto; }
    """

    def __init__(self, screen: "BoxScreen") -> None:
        super().__init__(f"{screen.TITLE_IN_TABS}: help")
        self._of = screen

    def contents(self) -> ComposeResult:
        """Sentences, then keys."""
        yield Lines(id="about")
        yield Facts(id="keys")

    def on_mount(self) -> None:
        """Fill it."""
        bound = [one for one in self._of.BINDINGS if isinstance(one, Binding) and one.description]
        own = [
            *((one.key_display or one.key, one.description) for one in bound),
            *((one.key, one.label) for one in self._of.KEYS),
        ]
        self.query_one("#about", Lines).say(self._of.EXPLAINS)
        self.query_one("#keys", Facts).state([(f"{key:>8}", says) for key, says in (*own, *_EVERYWHERE)])
