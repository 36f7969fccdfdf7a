"""Facts about one thing: a name, and what is true, wrapped beside it and not under it."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from appliance.domain.plain_text import one_line
from tui.parts.cells import Cell
from tui.parts.lines import Lines
from tui.themes import Tones, tones_of

Fact = tuple[str, Cell | str]
"""What it is called, and what there is to say. Without a name it goes on with the one before."""


class Facts(Lines):
    """Some facts; the same ones again draw nothing anew."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._facts: tuple[Fact, ...] = ()

    def state(self, facts: Sequence[Fact]) -> None:
        """Draw these."""
        new = tuple(facts)
        if new != self._facts:
            self._facts = new
            self.redraw()

    def redraw(self) -> None:
        """In the tones of another theme."""
        self.update(drawn_facts(self._facts, tones_of(self.app.theme)))

    @property
    def plain(self) -> str:
        """What it says."""
        return "\n".join(f"{name} {_cell(fact).text}" for name, fact in self._facts)


def drawn_facts(facts: Sequence[Fact], tones: Tones) -> Table:
    """Names in a column as wide as the longest of them."""
    made = Table.grid(padding=(0, 1))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold", ratio=1)
    for name, fact in facts:
        one = _cell(fact)
        said = Text(one_line(one.text), style=tones.color(one.tone), overflow="fold")
        made.add_row(Text(one_line(name), style=tones.quiet), said)
    return made


def _cell(fact: Cell | str) -> Cell:
    return fact if isinstance(fact, Cell) else Cell(fact)
