"""The list of classes."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.parts.rows import Rows


class ClassRows(Rows, inherit_bindings=False):
    """Without letters that move: ``j`` shows the join screen here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(False)", "First", show=False),
        Binding("end", "edge(True)", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
    ]
