"""The last line of every screen: the keys that work here. ``? help`` is first, so that nothing can cut it
off.
"""

from collections.abc import Sequence
from typing import Final

from textual.widgets import Static

from tui.parts.cells import Cell
from tui.parts.lines import drawn
from tui.themes import tones_of

_ALWAYS: Final = (("?", "help"), (":", "command"))
_AFTER: Final = (("/", "filter"), ("c", "copy command"), ("q", "leave"))


class Sole(Static):
    """Draws as many keys as fit, the screen's own before those that every screen has."""

    DEFAULT_CSS = "Sole { height: 1; background: $surface; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """These are the screen's own."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.redraw()

    def on_resize(self) -> None:
        """Another number of them fits."""
        self.redraw()

    def redraw(self) -> None:
        """All that fit."""
        self.update(
            drawn([fitting((*_ALWAYS, *self._keys, *_AFTER), self.size.width - 2)], tones_of(self.app.theme))
        )


def fitting(keys: Sequence[tuple[str, str]], room: int) -> list[Cell | str]:
    """The first of the keys that fit into so many characters."""
    line: list[Cell | str] = []
    used = 0
    for key, says in keys:
        piece = f"{key} {says}"
        if used + len(piece) > room:
            break
        line += [Cell(key, "strong"), f" {says}  "]
        used += len(piece) + 2
    return line
