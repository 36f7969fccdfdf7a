"""The lines of a CSV file, each with its number in the file and its cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DELIMITERS: Final = (",", ";", "\t")
_TOLD: Final = re.compile(r"sep=([,;\t])\s*\Z", re.IGNORECASE)
"""What Excel writes above a table."""


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` is that of its first line in the file, from 1. ``cells`` are without white space around
    them. ``fault`` is why it could not be read on from here.
    """

    number: int
    cells: tuple[str, ...]
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Nothing is in it."""
        return not any(self.cells) and not self.fault


def lines_of(text: str, delimiter: str) -> Iterator[Line]:
    """All of them. The last one has a fault where a cell is over the limit of 128 Ki characters."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            yield Line(number, (), "from here on the file could not be read: a cell is far too long")
            return
        if cells is None:
            return
        yield Line(number, tuple(cell.strip() for cell in cells))


def told_delimiter(text: str) -> str | None:
    """Of a file that begins with it."""
    found = _TOLD.match(text.split("\n", 1)[0].strip("\r "))
    return None if found is None else found[1]
