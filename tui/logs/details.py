"""A dialog of names and values."""

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.parts.cells import Cell
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines


class FieldsDialog(Dialog[None]):
    """Each on a line of its own, wrapped where it is long."""

    DEFAULT_CSS = "FieldsDialog > #frame { width: 80; }"

    def __init__(self, title: str, fields: Sequence[tuple[str, object]]) -> None:
        super().__init__(title)
        self._fields = tuple(fields)

    def contents(self) -> ComposeResult:
        """All of them, then how to leave."""
        yield Lines(id="fields")

    def on_mount(self) -> None:
        """Fill it."""
        widest = max((len(name) for name, _ in self._fields), default=0)
        lines: list[list[Cell | str]] = [
            [Cell(f"{name:<{widest}}  ", "quiet"), str(value)] for name, value in self._fields
        ]
        self.query_one("#fields", Lines).show([*lines, [""], [Cell("esc closes", "quiet")]])
