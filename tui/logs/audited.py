"""Who changed what, from where. Rows are only added; nothing here changes them."""

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType

from appliance.domain.results import AuditLine, AuditList
from appliance.domain.watching import Topic
from tui.deeds import Deed
from tui.logs.details import FieldsDialog
from tui.logs.sections import Section, said
from tui.parts.cells import Cell, clock
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.parts.widths import Column

_MOST: Final = (200, 1000)
_EVERY_MS: Final = 3000


class Audit(Section):
    """The newest first."""

    NAME = "audit"
    TITLE = "Audit"
    ACTION = "audit.list"
    COPIES = "audit.list"
    EMPTY = "Nothing was done yet."
    COLUMNS = (
        Column("ROW", 6, right=True, from_width=64),
        Column("TIME", 5),
        Column("WHO", 14),
        Column("FROM", 12, from_width=90),
        Column("DID", 18),
        Column("WITH", share=1),
        Column("OUTCOME", 11, from_width=50),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "older", "older")]

    _most = 0
    _more = False

    def topic(self) -> Topic:
        """See ``Section``."""
        return Topic(self.ACTION, (("limit", _MOST[self._most]),), _EVERY_MS)

    def take(self, result: msgspec.Struct) -> None:
        """See ``Section``."""
        if isinstance(result, AuditList):
            self._more = result.more
            self.table.show(_row(one, self.app.box.now_ms()) for one in result.acts)
            self.draw_aside(self.table.chosen)

    def says(self) -> Line:
        """See ``Section``."""
        older = ", and older ones" if self._more else ""
        return [
            Cell(f"{len(self.table.rows)} acts{older}, the newest first; nobody can change them", "quiet")
        ]

    def aside(self, row: Row) -> Sequence[Line]:
        """See ``Section``."""
        one = row.data
        return said(*_facts(one, self.app.box.now_ms())) if isinstance(one, AuditLine) else ()

    def opened(self, row: Row) -> Deed | None:
        """See ``Section``."""
        if isinstance(row.data, AuditLine):
            facts = _facts(row.data, self.app.box.now_ms())
            self.app.push_screen(FieldsDialog(f"row {row.data.seq} of the audit log", facts))
        return None

    def chosen(self) -> Mapping[str, object]:
        """See ``Section``: the command shows acts of this kind."""
        one = self.table.chosen.data if self.table.chosen else None
        return {"action": one.action} if isinstance(one, AuditLine) else {}

    def action_older(self) -> None:
        """More of them, or fewer again."""
        self._most = (self._most + 1) % len(_MOST)
        self.post_message(self.Anew())


def _row(one: AuditLine, now_ms: int) -> Row:
    bad = one.outcome not in {"ok", ""}
    cells = (
        Cell(str(one.seq), "quiet"),
        Cell(clock(one.at_ms, now_ms), "quiet"),
        Cell(one.actor),
        Cell(one.origin, "quiet"),
        Cell(one.action, "strong"),
        Cell(" ".join(f"{name}={value}" for name, value in _given(one))),
        Cell(one.outcome, "bad" if bad else "ok"),
    )
    return Row(str(one.seq), cells, one)


def _facts(one: AuditLine, now_ms: int) -> list[tuple[str, object]]:
    return [
        ("row", one.seq),
        ("time (UTC)", clock(one.at_ms, now_ms)),
        ("who", one.actor),
        ("as", one.permission),
        ("from", one.origin),
        ("did", one.action),
        *((f"  {name}", value) for name, value in _given(one)),
        ("outcome", one.outcome),
    ]


def _given(one: AuditLine) -> list[tuple[str, object]]:
    """The arguments, as they are where they are no JSON."""
    try:
        given = json.loads(one.arguments)
    except (ValueError, RecursionError):
        return [("with", one.arguments)]
    return list(given.items()) if isinstance(given, dict) else []
