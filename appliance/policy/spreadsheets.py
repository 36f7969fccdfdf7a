"""Lines of CSV that a spreadsheet reads as text and numbers, never as a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> tuple[str, ...]:
    """The headings and one line a row. None is an empty cell."""
    return (_line(columns), *(_line(row) for row in rows))


def _line(cells: Sequence[str | int | None]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([_cell(one) for one in cells])
    return text.getvalue()


def _cell(value: str | int | None) -> str:
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    flat = " ".join(value.splitlines())
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in flat)
    # A quote in front makes it text wherever it is opened.
    return f"'{shown}" if value.startswith(_FORMULA) else shown
