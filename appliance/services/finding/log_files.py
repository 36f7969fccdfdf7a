"""Reads the log from its files, from the end: for the command line, which needs no gateway for it, and for
the gateway.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from appliance.services.finding.tail import lines_from_end

_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
_MARKS: Final = tuple(f'"level": "{one}"' for one in _LEVELS)
"""As the journal writes them; nowhere else in a line, since within a text the quotes are escaped."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of at least this level, of this request where one is named, that contain this text."""

    level: str = "debug"
    request: str | None = None
    text: str | None = None

    def fits(self, line: str) -> bool:
        """Whether a line is such a record. A torn line is not."""
        # Most lines do not fit, and reading JSON costs twenty times what looking for words does.
        if not self._may_fit(line):
            return False
        record = _record(line)
        if record is None or (self.request is not None and record.get("request_id") != self.request):
            return False
        found = record.get("level")
        heavy = found not in _LEVELS or _LEVELS.index(found) >= _LEVELS.index(self.level)
        return heavy and (self.text is None or _holds(line, record, self.text))

    def _may_fit(self, line: str) -> bool:
        if self.request is not None and self.request not in line:
            return False
        if self.text is not None and not _may_hold(line, self.text):
            return False
        number = _LEVELS.index(self.level)
        light = any(one in line for one in _MARKS[:number])
        return not light or any(one in line for one in _MARKS[number:])


def last_lines(
    log_file: Path, wanted: Wanted, most: int, *, most_bytes: int | None = None
) -> tuple[str, ...]:
    """The last lines that fit, oldest first; none where there is no log. Reads ``most_bytes`` at most, about.

    Blocks. Raises ``PermissionError``.
    """
    fitting = (line for line in _bounded(_newest_first(log_file), most_bytes) if wanted.fits(line))
    return tuple(reversed(list(islice(fitting, most))))


def _newest_first(file: Path) -> Iterator[str]:
    """Lines of the log, then of the files it was rotated into: ``.1`` is the newest of those."""
    yield from lines_from_end(file)
    number = 1
    while (older := file.with_name(f"{file.name}.{number}")).exists():
        yield from lines_from_end(older)
        number += 1


def _bounded(lines: Iterator[str], most_bytes: int | None) -> Iterator[str]:
    read = 0
    for line in lines:
        yield line
        read += len(line)
        if most_bytes is not None and read >= most_bytes:
            return


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _may_hold(line: str, text: str) -> bool:
    """Without reading the line: what is not ASCII may be written as an escape."""
    if text.isascii():
        return any(one in line.lower() for one in _written(text))
    return "\\u" in line or not line.isascii()


def _holds(line: str, record: dict[str, Any], text: str) -> bool:
    """In the line as it is written, or as it would be without what JSON escapes."""
    shown = line if text.isascii() else json.dumps(record, ensure_ascii=False)
    return any(one in shown.casefold() for one in _written(text))


@lru_cache(maxsize=16)
def _written(text: str) -> tuple[str, ...]:
    return tuple({text.casefold(), json.dumps(text, ensure_ascii=False)[1:-1].casefold()})
