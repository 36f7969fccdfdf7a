"""The parts of the screen USAGE, one at a time, and the line that names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.parts.cells import Cell
from tui.parts.lines import Lines, drawn
from tui.parts.rows import Rows
from tui.parts.widths import Column
from tui.themes import tones_of


@dataclass(frozen=True, slots=True)
class SectionKind:
    """``name`` is the id of its table."""

    name: str
    title: str
    columns: tuple[Column, ...]
    empty: str


USE: Final = "use"
LEAVES: Final = "leaves"
OUTBOX: Final = SectionKind(
    "outbox",
    "OUTBOX",
    (
        Column("STATE", width=11),
        Column("KIND", width=20),
        Column("COUNT", width=5, right=True),
        Column("SINCE", width=10, right=True),
        Column("WHY", share=3, least=8),
        Column("ID", share=2, from_width=110),
    ),
    "Nothing waits, and nothing was refused.",
)
LEASES: Final = SectionKind(
    "leases",
    "LEASES",
    (
        Column("MODEL", share=3, least=10),
        Column("STATE", width=15),
        Column("ENDS", width=14, right=True),
        Column("GRACE ENDS", width=14, right=True, from_width=78),
        Column("NOTE", share=2, least=8),
        Column("ID", share=1, from_width=110),
    ),
    "No lease, and none was asked for.",
)
NOTICES: Final = SectionKind(
    "notices",
    "NOTICES",
    (Column("CAME", width=12), Column("WHAT THE REGISTRY SAYS", share=1)),
    "The registry has said nothing.",
)
CHECKS: Final = SectionKind(
    "checks",
    "CHECKS",
    (
        Column("STATE", width=11),
        Column("CAME", width=11),
        Column("REPORT", width=8),
        Column("ROWS", width=5, right=True),
        Column("THE REGISTRY'S REASON", share=2),
        Column("OURS", share=1, from_width=78),
    ),
    "The registry has asked to be shown nothing.",
)
SHARED: Final = SectionKind(
    "shared",
    "SHARED",
    (
        Column("MODEL", share=2, least=12),
        Column("GIVES", width=8),
        Column("STATE", width=12),
        Column("TIER", width=11),
        Column("LEASE", width=6, from_width=70),
        Column("REVIEWED", width=11, from_width=78),
    ),
    "This lab shares no model. `carrel help sharing` says how.",
)
BORROWED: Final = SectionKind(
    "borrowed",
    "BORROWED",
    (
        Column("MODEL", share=2, least=12),
        Column("LAB", share=1),
        Column("STATE", width=12),
        Column("A DAY", width=7, right=True, from_width=100),
        Column("ENDS", width=14, right=True),
        Column("WHY NOT", share=2),
    ),
    "This box has asked for no model of another lab; n asks.",
)
PEERS: Final = SectionKind(
    "peers",
    "PEERS",
    (
        Column("STATE", width=12),
        Column("LAB", share=2),
        Column("MODEL", share=2),
        Column("USED", width=9, right=True, from_width=60),
        Column("LEFT", width=13, right=True, from_width=100),
        Column("ENDS", width=14, right=True, from_width=100),
        Column("WANTS IT FOR", share=3),
    ),
    "No box of another lab uses or wants a model of this one.",
)
TABLES: Final = (OUTBOX, LEASES, NOTICES, CHECKS, SHARED, BORROWED, PEERS)
NAMES: Final = (USE, LEAVES, *(one.name for one in TABLES))
TITLES: Final = {USE: "USE", LEAVES: "LEAVES", **{one.name: one.title for one in TABLES}}


class Section(Vertical):
    """Some words and one table."""

    DEFAULT_CSS = """
    Section > Lines { height: auto; max-height: 8; padding: 0 1; }
    """

    def __init__(self, kind: SectionKind) -> None:
        super().__init__(id=f"section-{kind.name}")
        self._kind = kind

    def compose(self) -> ComposeResult:
        """Words above the table."""
        yield Lines(id=f"words-{self._kind.name}")
        yield Rows(self._kind.columns, id=self._kind.name, empty="asking the box …")


class SectionBar(Static):
    """The sections, the present one in brackets; how many wait in one is told behind its name. Where not all
    have room, those around the present one.
    """

    DEFAULT_CSS = "SectionBar { height: 1; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._present = USE
        self._counts: Mapping[str, int] = {}

    def show(self, present: str, counts: Mapping[str, int]) -> None:
        """This one is open; so many wait."""
        if (present, counts) != (self._present, self._counts):
            self._present, self._counts = present, dict(counts)
            self._draw()

    def on_mount(self) -> None:
        """Draw them."""
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another number of them has room."""
        self._draw()

    def _draw(self) -> None:
        pieces = bar_of(self._present, self._counts, self.size.width - 2)
        self.update(drawn([pieces], tones_of(self.app.theme)))


def bar_of(present: str, counts: Mapping[str, int], room: int) -> list[Cell | str]:
    """Pieces of the line, at most ``room`` characters where that is possible."""
    titles = [_title(name, present, counts.get(name, 0)) for name in NAMES]
    first, last = _window([len(one) + 1 for one in titles], NAMES.index(present), room)
    line: list[Cell | str] = [Cell("<", "quiet")] if first else []
    for name, title in list(zip(NAMES, titles, strict=True))[first:last]:
        line += [" "] if line else []
        line.append(Cell(title, _tone(name, present, counts)))
    return [*line, Cell(" >", "quiet")] if last < len(titles) else line


def _title(name: str, present: str, count: int) -> str:
    title = f"{TITLES[name]} {count}" if count else TITLES[name]
    return f"[{title}]" if name == present else title


def _tone(name: str, present: str, counts: Mapping[str, int]) -> str:
    if name == present:
        return "strong"
    return "warn" if counts.get(name) else "quiet"


def _window(lengths: Sequence[int], present: int, room: int) -> tuple[int, int]:
    """Which of them have room beside the present one, with a mark at each end that is cut."""
    if sum(lengths) - 1 <= room:
        return 0, len(lengths)
    first, last = present, present + 1
    while True:
        before = lengths[first - 1] if first else room
        after = lengths[last] if last < len(lengths) else room
        used = sum(lengths[first:last]) + 3
        if used + min(before, after) > room:
            return first, last
        if after <= before:
            last += 1
        else:
            first -= 1
