"""The line above the tables of PEOPLE: people or requests, and where among the people one is. Pure."""

from collections.abc import Sequence

from tui.parts.cells import Cell
from tui.parts.lines import Line


def place(waiting: int, crumbs: Sequence[str], *, asks: bool) -> Line:
    """``[people]  requests (3) t turns | all projects > nlp-3``. ``asks``: requests are shown."""
    words = f"requests ({waiting})" if waiting else "requests"
    two: list[Cell | str] = (
        [" ", Cell("people", "quiet"), " ", Cell(f"[{words}]", "strong")]
        if asks
        else [Cell("[people]", "strong"), " ", Cell(words, "warn" if waiting else "quiet")]
    )
    line = [*two, " ", Cell("t", "strong"), Cell(" turns", "quiet")]
    if asks:
        return line
    line.append(Cell("  |  ", "quiet"))
    for number, one in enumerate(filter(None, crumbs)):
        line += [Cell(" > ", "quiet")] if number else []
        line.append(Cell(one))
    return line
