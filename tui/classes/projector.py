"""The join screen over the whole terminal, for a projector."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from appliance.domain.results import JoinScreen
from tui.classes.projecting import projected
from tui.deeds import Deed
from tui.themes import tones_of
from tui.viewer import Viewer


class Projector(ModalScreen[None]):
    """Shows what it is told, until esc; makes a code where none is valid. ``class_id`` is the class's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,j", "dismiss(None)", "close", show=False),
        Binding("n", "code(True)", "new code", show=False),
        Binding("x", "code(False)", "end the code", show=False),
    ]
    DEFAULT_CSS = """
    Projector { background: $background; padding: 0; }
    Projector > #projected { width: 100%; height: 100%; padding: 0 1; text-wrap: nowrap; }
    """
    app: Viewer

    def __init__(self, class_id: str) -> None:
        super().__init__()
        self.class_id = class_id
        self._shown: JoinScreen | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="projected", markup=False)

    def show(self, one: JoinScreen) -> None:
        """It is so now."""
        if self._shown is None and not one.code and one.state != "over" and not self.app.box.readonly:
            self._begin({})
        if one != self._shown:
            self._shown = one
            self._draw()

    def on_resize(self) -> None:
        """Other sizes of letters fit."""
        self._draw()

    @property
    def plain(self) -> str:
        """What it says."""
        return "\n".join(line.plain for line in self._lines())

    def _draw(self) -> None:
        if self.is_mounted and self._shown is not None:
            self.query_one("#projected", Static).update(Text("\n").join(self._lines()))

    def _lines(self) -> list[Text]:
        if self._shown is None:
            return []
        size = (max(1, self.size.width - 2), self.size.height)
        return projected(self._shown, size, tones_of(self.app.theme), ascii_only=self.app.ascii_only)

    def action_code(self, new: bool) -> None:
        """Another code, or none."""
        self._begin({"new": True} if new else {"end": True})

    def _begin(self, given: dict[str, object]) -> None:
        self.app.act(Deed("class.join-screen", {"name": self.class_id, **given}, quiet=True))
