"""The log, followed: what the box says, narrowed by level, model and words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType

from appliance.domain.results import LogLines
from appliance.domain.watching import Topic, Value
from tui.deeds import Deed
from tui.logs.details import FieldsDialog
from tui.logs.records import LEVELS, LogRecord, fitting, models_of, plain, records_of, row_of, wrapped
from tui.logs.saving import SaveDialog
from tui.logs.sections import Section, said
from tui.parts.cells import Cell
from tui.parts.lines import Line
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column, widths

_MOST: Final = (200, 1000)
_EVERY_MS: Final = 1000
_LEAST_TEXT: Final = 2
_MARK: Final = Column("", 1)
_LEVEL: Final = Column("LEVEL", 5)
_NARROW: Final = 72
_SHORT_EVENT: Final = 14
_BESIDE_EVENT: Final = 60
"""Time, level and, in one piece, a request's id."""
_EVENT: Final = Column("EVENT", 22, from_width=56)
_REST: Final = Column("DETAILS", share=1, least=10)
_TIMES: Final = (Column("TIME", 8), Column("DATE AND TIME", 19), None)


class Log(Section):
    """Oldest first. While it follows, the cursor is on the newest line; who goes up reads on in peace, and
    what comes meanwhile is counted.
    """

    NAME = "log"
    TITLE = "Log"
    ACTION = "log.read"
    COPIES = "logs"
    EMPTY = "Nothing like that was logged."
    COLUMNS = (_MARK, Column("TIME", 8), _LEVEL, _EVENT, _REST)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "follow"),
        Binding("v", "level", "level"),
        Binding("m", "model", "model"),
        Binding("w", "wrap", "wrap"),
        Binding("e", "save", "save"),
        Binding("t", "time", "time", show=False),
        Binding("o", "older", "older", show=False),
        Binding("space", "mark", "mark", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._records: tuple[LogRecord, ...] = ()
        self._newest: tuple[LogRecord, ...] = ()
        self._marked: set[str] = set()
        self._follows, self._wraps = True, False
        self._level, self._time, self._most = 1, 0, 0
        self._model = self._text = ""
        self._room = 0

    # ---- what is asked and shown ----

    def topic(self) -> Topic:
        """See ``Section``."""
        given: dict[str, Value] = {"lines": _MOST[self._most], "level": LEVELS[self._level]}
        if self._text:
            given["text"] = self._text
        return Topic(self.ACTION, tuple(sorted(given.items())), _EVERY_MS)

    def take(self, result: msgspec.Struct) -> None:
        """See ``Section``."""
        if isinstance(result, LogLines):
            self._newest = records_of(result.lines, {one.key: one for one in self._newest})
            if self._follows or not self._records:
                self._records = self._newest
                self._marked &= {one.key for one in self._records}
            self._draw()

    def search(self, words: str) -> None:
        """Have the box look for the longest of the words in all of its log; the table leaves out the rest."""
        wanted = [one for one in words.split() if not one.startswith("!") and len(one) >= _LEAST_TEXT]
        text = max(wanted, key=len, default="")[:200]
        if text != self._text:
            self._text = text
            self.post_message(self.Anew())

    def says(self) -> Line:
        """See ``Section``."""
        missed = len({one.key for one in self._newest} - {one.key for one in self._records})
        follows = Cell("FOLLOWS", "ok") if self._follows else Cell(f"STANDS ({missed} newer)", "warn")
        facts = [
            f"{LEVELS[self._level]} and worse" if self._level else "every level",
            self._model or "all models",
            f"{len(self._records)} lines",
            *([f'with "{self._text}"'] if self._text else ()),
            *([f"{len(self._marked)} marked"] if self._marked else ()),
        ]
        return [follows, Cell("  " + "  |  ".join(facts), "quiet")]

    def aside(self, row: Row) -> Sequence[Line]:
        """See ``Section``."""
        return said(*_facts(row.data)) if isinstance(row.data, LogRecord) else ()

    def opened(self, row: Row) -> Deed | None:
        """See ``Section``."""
        if isinstance(row.data, LogRecord):
            self.app.push_screen(FieldsDialog("a line of the log", _facts(row.data)))
        return None

    def chosen(self) -> Mapping[str, object]:
        """See ``Section``: a request's lines, where the line is of one."""
        record = self.record
        return {"request": record.request_id} if record and record.request_id else {}

    @property
    def record(self) -> LogRecord | None:
        """The line under the cursor."""
        row = self.table.chosen
        return row.data if row and isinstance(row.data, LogRecord) else None

    def _draw(self) -> None:
        table = self.table
        shown = fitting(self._records, LEVELS[self._level], self._model)
        rows = [row_of(one, marked=one.key in self._marked, full_time=self._time == 1) for one in shown]
        columns = _columns(self._time, _event_width(table.size.width, wraps=self._wraps))
        if _TIMES[self._time] is None:
            rows = [Row(one.key, (one.cells[0], *one.cells[2:]), one.data) for one in rows]
        table.set_columns(columns)
        if self._wraps:
            bar = 0 if table.show_vertical_scrollbar else 1
            self._room = widths(columns, max(20, table.scrollable_content_region.width - bar))[-1]
            rows = [piece for one in rows for piece in wrapped(one, self._room)]
        table.show(rows)
        if self._follows:
            table.choose_last()
        self.draw_aside(table.chosen)
        self.draw_line()

    def on_resize(self) -> None:
        """The columns have other widths, and what is wrapped has another."""
        if self._records:
            self.call_after_refresh(self._draw)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Who goes up wants to read."""
        super().on_rows_chosen(event)
        rows = self.table.rows
        if self._follows and rows and self.table.chosen is not rows[-1]:
            self._follows = False
            self.draw_line()

    # ---- keys ----

    def action_follow(self) -> None:
        """Follow, with all that came meanwhile, or stand."""
        self._follows = not self._follows
        if self._follows:
            self._records = self._newest
        self._draw()

    def action_level(self) -> None:
        """The next level."""
        self._level = (self._level + 1) % len(LEVELS)
        self._draw()
        self.post_message(self.Anew())

    def action_model(self) -> None:
        """The next model of those that something is said of, then all again."""
        models = ("", *models_of(self._records))
        place = models.index(self._model) if self._model in models else 0
        self._model = models[(place + 1) % len(models)]
        self._draw()

    def action_wrap(self) -> None:
        """Long lines in several rows, or in one."""
        self._wraps = not self._wraps
        self._draw()

    def action_time(self) -> None:
        """The time of day, the date too, or neither."""
        self._time = (self._time + 1) % len(_TIMES)
        self._draw()

    def action_older(self) -> None:
        """More lines, or fewer again."""
        self._most = (self._most + 1) % len(_MOST)
        self._follows = True
        self.post_message(self.Anew())

    def action_mark(self) -> None:
        """This line is one of those that are saved, or not."""
        record = self.record
        if record is not None:
            self._follows = False
            self._marked ^= {record.key}
            self._draw()
            self.table.action_move(1)

    def action_save(self) -> None:
        """The marked lines, or all that are shown."""
        shown = {one.data.key: one.data for one in self.table.rows if isinstance(one.data, LogRecord)}
        lines = [one.line for key, one in shown.items() if not self._marked or key in self._marked]
        stamp = datetime.fromtimestamp(self.app.box.now_ms() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
        self.app.push_screen(SaveDialog(lines, f"carrel-log-{stamp}.jsonl"))


def _columns(time: int, event_width: int) -> tuple[Column, ...]:
    shown = _TIMES[time]
    return (_MARK, *([shown] if shown else ()), _LEVEL, replace(_EVENT, width=event_width), _REST)


def _event_width(width: int, *, wraps: bool) -> int:
    if wraps:
        return max(_SHORT_EVENT, min(width - _BESIDE_EVENT, _EVENT.width))
    return _SHORT_EVENT if width < _NARROW else _EVENT.width


def _facts(record: LogRecord) -> list[tuple[str, object]]:
    if not record.fields:
        return [("line", record.line)]
    return [(name, plain(value)) for name, value in record.fields.items() if value is not None]
