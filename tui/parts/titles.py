"""The line above a part of a screen: what it shows, and how much of it."""

from textual.widgets import Static

from tui.parts.cells import Cell
from tui.parts.lines import drawn
from tui.themes import tones_of
from tui.viewer import Viewer


class Title(Static):
    """One line, filled up by a rule."""

    DEFAULT_CSS = "Title { height: 1; text-wrap: nowrap; text-overflow: clip; }"
    app: Viewer

    def __init__(self, text: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._text = text
        self._tone = "strong"

    def show(self, text: str, tone: str = "strong") -> None:
        """Say this."""
        if (text, tone) != (self._text, self._tone):
            self._text, self._tone = text, tone
            self.redraw()

    @property
    def plain(self) -> str:
        """What it says."""
        return self._text

    def on_mount(self) -> None:
        """Another theme has other tones."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_resize(self) -> None:
        """The rule is as long as there is room."""
        self.redraw()

    def redraw(self) -> None:
        """In the tones of the theme."""
        rule = "-" if self.app.ascii_only else "─"
        spare = rule * max(0, self.size.width - len(self._text) - 3)
        pieces = [Cell(f"{rule} ", "quiet"), Cell(self._text, self._tone), Cell(f" {spare}", "quiet")]
        self.update(drawn([pieces], tones_of(self.app.theme)))
