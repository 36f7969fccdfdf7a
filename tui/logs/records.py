"""Records of the log as rows: pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from textual.content import Content

from appliance.domain.plain_text import one_line
from tui.parts.cells import Cell
from tui.parts.rows import Row

LEVELS: Final = ("debug", "info", "warning", "error")
_HEAD: Final = ("ts", "level", "event")
_SHORT: Final = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "error": "ERROR", "critical": "CRIT"}
_TONES: Final = {"debug": "quiet", "warning": "warn", "error": "bad", "critical": "bad"}
_MOST_PIECES: Final = 40
"""Of one record that is wrapped: a screen or two."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line. ``key`` is the line, and how often the same one came before it."""

    key: str
    line: str
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """As the log says it; empty for a line that is no record."""
        return str(self.fields.get("level", ""))

    @property
    def model(self) -> str:
        """Which model it is about; empty for most."""
        return str(self.fields.get("model", ""))

    @property
    def request_id(self) -> str:
        """Which request it is about; empty for most."""
        return str(self.fields.get("request_id", ""))

    @property
    def when(self) -> str:
        """``2026-11-22 10:42:07``, or what there is."""
        return str(self.fields.get("ts", "")).replace("T", " ")[:19]

    @property
    def rest(self) -> str:
        """All that has no column of its own, as ``name=value``; the long id of the request at the end."""
        if not self.fields:
            return one_line(self.line)
        names = sorted((one for one in self.fields if one not in _HEAD), key=lambda one: one == "request_id")
        return one_line(" ".join(f"{name}={plain(self.fields[name])}" for name in names))


def records_of(lines: Sequence[str], known: Mapping[str, LogRecord] | None = None) -> tuple[LogRecord, ...]:
    """The lines, oldest first. Those that are ``known`` by their key are not read again."""
    seen: dict[str, int] = {}
    made = []
    for line in lines:
        seen[line] = number = seen.get(line, 0) + 1
        key = line if number == 1 else f"{number} {line}"
        made.append((known or {}).get(key) or LogRecord(key, line, _fields(line)))
    return tuple(made)


def fitting(records: Iterable[LogRecord], level: str, model: str) -> tuple[LogRecord, ...]:
    """Those of at least this level and, where one is named, of this model."""
    least = LEVELS.index(level)
    return tuple(one for one in records if _weight(one.level) >= least and (not model or one.model == model))


def models_of(records: Iterable[LogRecord]) -> tuple[str, ...]:
    """All models that something is said of."""
    return tuple(sorted({one.model for one in records if one.model}))


def row_of(record: LogRecord, *, marked: bool, full_time: bool) -> Row:
    """One row: mark, time, level, event, the rest."""
    when = record.when if full_time else record.when[11:]
    event = str(record.fields.get("event", ""))
    cells = (
        Cell("*" if marked else "", "strong"),
        Cell(when, "quiet"),
        Cell(_SHORT.get(record.level, record.level.upper()), _TONES.get(record.level, "")),
        Cell(event, _TONES.get(record.level, "")),
        Cell(record.rest, _TONES.get(record.level, "") if record.level == "debug" else ""),
    )
    return Row(record.key, cells, record)


def wrapped(row: Row, room: int) -> tuple[Row, ...]:
    """The same in as many rows as its last column needs, each so wide, which are one record. Only a word that
    no row has room for is divided: an id stays one piece to read out or copy.
    """
    *head, last = row.cells
    width = max(10, room)
    # More than all rows that are shown could hold is not laid out.
    text = one_line(last.text)[: (_MOST_PIECES + 1) * (width + 1)]
    pieces = [one.plain for one in Content(text).wrap(width)] or [""]
    if len(pieces) > _MOST_PIECES:
        pieces = [*pieces[: _MOST_PIECES - 1], "…"]
    first = Row(row.key, (*head, Cell(pieces[0], last.tone)), row.data)
    blank = tuple(Cell("") for _ in head)
    more = (
        Row(f"{row.key}\n{n}", (*blank, Cell(one, last.tone)), row.data)
        for n, one in enumerate(pieces[1:], 1)
    )
    return (first, *more)


def _fields(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def plain(value: object) -> str:
    """A field as one reads it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _weight(level: str) -> int:
    """Of a level that is not known, the most: nothing is hidden that nobody can name."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
