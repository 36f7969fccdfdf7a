"""A dialog of names and values, such as all that is known of one row, with keys that act on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from tui.deeds import Deed
from tui.parts.dialogs import Dialog
from tui.parts.facts import Fact, Facts
from tui.viewer import Viewer

_CLOSES: Final = ("esc", "close")


@dataclass(frozen=True, slots=True)
class CloseUpKey:
    """A key of the dialog. With ``closes`` the dialog goes before the deed is begun."""

    key: str
    label: str
    deed: Deed
    closes: bool = True


class CloseUp(Dialog[None]):
    """Shows facts; those that it is told of later replace them."""

    DEFAULT_CSS = """
    CloseUp > #frame { width: 90%; max-width: 100; }
    CloseUp #facts { height: auto; }
    CloseUp > #frame { border-subtitle-align: left; border-subtitle-color: $text-primary; }
    """
    app: Viewer

    def __init__(self, title: str, facts: Sequence[Fact], keys: Sequence[CloseUpKey] = ()) -> None:
        super().__init__(title)
        self._facts = tuple(facts)
        self._keys = tuple(keys)

    def contents(self) -> ComposeResult:
        """The facts; the keys are in the frame, where nothing can push them out."""
        yield Facts(id="facts")

    def on_mount(self) -> None:
        """Draw both."""
        self._draw()

    def show(self, facts: Sequence[Fact], keys: Sequence[CloseUpKey]) -> None:
        """These are so now."""
        if (tuple(facts), tuple(keys)) != (self._facts, self._keys):
            self._facts, self._keys = tuple(facts), tuple(keys)
            if self.is_mounted:
                self._draw()

    @property
    def plain(self) -> str:
        """What it says."""
        return self.query_one("#facts", Facts).plain

    def _draw(self) -> None:
        self.query_one("#facts", Facts).state(self._facts)
        keys = [*((one.key, one.label) for one in self._keys), _CLOSES]
        said = Content("  ".join(f"{key} {label}" for key, label in keys))
        self.query_one("#frame").border_subtitle = said

    def on_key(self, event: events.Key) -> None:
        """Begin what the key stands for."""
        found = next((one for one in self._keys if one.key in {event.key, event.character}), None)
        if found is None:
            return
        event.stop()
        if found.closes:
            self.dismiss(None)
        self.app.act(found.deed)
