"""The first two lines of every screen: which box this is and how it is, and the eight screens."""

from collections.abc import Sequence
from typing import Final

from textual.widgets import Static

from appliance.domain.results import ClassLine, ClassList, Status
from appliance.domain.results.inbox import Inbox
from tui.parts.cells import Cell
from tui.parts.lines import drawn
from tui.themes import tones_of

SCREENS: Final = (
    ("1", "now", "NOW"),
    ("2", "models", "MODELS"),
    ("3", "jobs", "JOBS"),
    ("4", "gpus", "GPUS"),
    ("5", "people", "PEOPLE"),
    ("6", "classes", "CLASS"),
    ("7", "usage", "USAGE"),
    ("8", "logs", "LOGS"),
)
"""Key, mode, title."""


class Masthead(Static):
    """One line: the box's name and address, ONLINE, OFFLINE, CLASS or EXAM, who is in class, what waits."""

    DEFAULT_CSS = """
    Masthead { height: 1; background: $surface; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)

    def show(self, pieces: Sequence[Cell]) -> None:
        """Draw these, with bars between."""
        line: list[Cell | str] = []
        for number, one in enumerate(pieces):
            line += [Cell(" | ", "quiet"), one] if number else [one]
        self.update(drawn([line], tones_of(self.app.theme)))


class Tabs(Static):
    """The eight screens with their keys, the present one marked by brackets and not by color alone."""

    DEFAULT_CSS = "Tabs { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, present: str, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._present = present

    def on_mount(self) -> None:
        """Draw them."""
        self.redraw()

    def redraw(self) -> None:
        """In the tones of the theme."""
        pieces: list[Cell | str] = []
        for key, mode, title in SCREENS:
            here = mode == self._present
            pieces.append(
                Cell(f"[{key} {title}]" if here else f" {key} {title} ", "strong" if here else "quiet")
            )
        self.update(drawn([pieces], tones_of(self.app.theme)))


def pieces_of(
    name: str,
    status: Status | None,
    classes: ClassList | None,
    inbox: Inbox | None,
    *,
    lost: str,
    readonly: bool,
) -> list[Cell]:
    """What the head says. ``lost`` is why the box cannot be reached."""
    if lost:
        return [Cell(name, "strong"), Cell(f"LOST: {lost}", "bad")]
    if status is None:
        return [Cell(name, "strong"), Cell("connecting …", "quiet")]
    lan = next((one.url for one in status.doors if one.kind == "lan"), "")
    made = [Cell(f"{name} {(lan or status.url).removesuffix('/v1')}", "strong"), _badge(status, classes)]
    if status.state != "ready":
        made.append(Cell(status.state.upper(), "warn"))
    if readonly:
        made.append(Cell("READ-ONLY", "warn"))
    made += [Cell(f"class: {one.id} ({one.taken}/{one.seats})") for one in _held(classes)[:1]]
    waiting = len(inbox.rows) + inbox.left_out if inbox else 0
    made.append(Cell(f"{waiting} need you" if waiting else "nothing waits", "warn" if waiting else "quiet"))
    return made


def _badge(status: Status, classes: ClassList | None) -> Cell:
    held = _held(classes)
    if any(one.mode == "exam" for one in held):
        return Cell("EXAM", "bad")
    if status.offline:
        return Cell(f"OFFLINE{f' ({status.network})' if status.network else ''}", "warn")
    if held:
        return Cell("CLASS", "ok")
    return Cell("ONLINE", "ok") if not status.network else Cell(f"ONLINE ({status.network})", "warn")


def _held(classes: ClassList | None) -> list[ClassLine]:
    return [one for one in classes.classes if one.state in {"open", "paused"}] if classes else []
