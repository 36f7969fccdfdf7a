"""Text in several tones, from pieces that anybody may have written: never markup, never a terminal's
command.
"""

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.widgets import Static

from appliance.domain.plain_text import many_lines, one_line
from tui.parts.cells import Cell
from tui.themes import Tones, tones_of

Line = Sequence[Cell | str]


def drawn(lines: Iterable[Line], tones: Tones) -> Text:
    """Lines of pieces, each piece in its tone, one line each however long."""
    made = []
    for line in lines:
        pieces = [one if isinstance(one, Cell) else Cell(one) for one in line]
        made.append(Text.assemble(*((_kept(one.text), tones.color(one.tone)) for one in pieces)))
    return Text("\n").join(made)


def _kept(text: str) -> str:
    """One line, with the spaces around it, which separate pieces."""
    before, after = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return before + one_line(text) + after if text.strip() else text.replace("\n", " ")


class Lines(Static):
    """Some lines of pieces; the same ones again draw nothing anew."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._lines: tuple[tuple[Cell | str, ...], ...] = ()

    def show(self, lines: Iterable[Line]) -> None:
        """Draw these."""
        new = tuple(tuple(line) for line in lines)
        if new != self._lines:
            self._lines = new
            self.update(drawn(new, tones_of(self.app.theme)))

    def say(self, text: str, tone: str = "") -> None:
        """One text of several lines, by its own line breaks."""
        self.show([[Cell(line, tone)] for line in many_lines(text).split("\n")])

    def redraw(self) -> None:
        """In the tones of another theme."""
        self.update(drawn(self._lines, tones_of(self.app.theme)))

    @property
    def plain(self) -> str:
        """What it says."""
        return "\n".join(
            "".join(one if isinstance(one, str) else one.text for one in line) for line in self._lines
        )
