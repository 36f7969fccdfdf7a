"""A result as the command line shows it, in the theme's tones and as wide as there is room."""

import io
from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from appliance.domain.plain_text import many_lines
from tui.themes import Tones, tones_of

_TONES: Final = {"green": "ok", "yellow": "warn", "red": "bad", "cyan": "strong", "bright_black": "quiet"}
_FIXED: Final = {"black": "#000000", "white": "#ffffff"}
"""Of codes that a camera reads, whatever the theme is."""


class Sheet(Static):
    """Draws itself anew where its width changes."""

    DEFAULT_CSS = "Sheet { width: 100%; height: auto; }"

    def __init__(self, shown: RenderableType, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._shown = shown
        self._width = 0
        self.plain = ""
        """What it says."""

    def on_resize(self) -> None:
        """As wide as it is now."""
        if self.size.width != self._width:
            self._width = self.size.width
            drawn = toned(self._shown, max(10, self._width), tones_of(self.app.theme))
            self.plain = drawn.plain
            self.update(drawn)


def rows_of(rows: Sequence[Text], tones: Tones) -> Text:
    """Rows that are as wide as they are, such as those of a code."""
    return toned(Group(*rows), max((one.cell_len for one in rows), default=1), tones)


def toned(shown: RenderableType, width: int, tones: Tones) -> Text:
    """As text of one color a piece; nothing in it commands a terminal."""
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    lines = console.render_lines(shown, console.options.update(width=width), pad=False)
    return Text("\n").join(_line(line, tones) for line in lines)


def _line(segments: list[Segment], tones: Tones) -> Text:
    pieces = [(many_lines(one.text), _style(one.style, tones)) for one in segments if not one.control]
    return Text.assemble(*pieces, no_wrap=True)


def _style(style: Style | None, tones: Tones) -> Style:
    if style is None:
        return Style()
    front = style.color.name if style.color else ""
    back = style.bgcolor.name if style.bgcolor else ""
    color = _FIXED.get(front) if back else tones.color(_TONES.get(front, ""))
    return Style(color=color, bgcolor=_FIXED.get(back), bold=style.bold, dim=False)
