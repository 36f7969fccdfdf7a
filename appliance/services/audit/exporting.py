"""The audit log as lines of text, for programs and for spreadsheets."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from appliance.domain.audit import AuditedAct, AuditOutcome, AuditRow
from appliance.domain.results import AuditExport
from appliance.policy.spreadsheets import csv_lines
from appliance.services.audit.ports import Rows

_COLUMNS: Final = ("seq", "time", "actor", "permission", "origin", "action", "arguments", "outcome")


class Exporter:
    """Reads in parts: a log may be long."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def chain(self, after: int, limit: int) -> AuditExport:
        """Lines of JSON in ASCII: rows as they were hashed, and the outcomes of each behind it."""
        rows = await self._rows.rows_after(after, limit)
        ended = await self._ended(rows)
        lines = []
        for row in rows:
            lines.append(_json("row", row))
            lines += [_json("outcome", ended[row.seq])] if row.seq in ended else []
        return AuditExport(lines=tuple(lines), next_after=_next(rows, limit))

    async def table(self, after: int, limit: int) -> AuditExport:
        """CSV with a line of headings, in which nothing is a formula."""
        rows = await self._rows.rows_after(after, limit)
        ended = await self._ended(rows)
        acts = [AuditedAct(row, ended[row.seq].outcome if row.seq in ended else None) for row in rows]
        lines = csv_lines(_COLUMNS, [_cells(one) for one in acts])
        return AuditExport(lines=lines, next_after=_next(rows, limit))

    async def _ended(self, rows: Sequence[AuditRow]) -> dict[int, AuditOutcome]:
        if not rows:
            return {}
        return {one.seq: one for one in await self._rows.outcomes_of(rows[0].seq, rows[-1].seq)}


def _next(rows: Sequence[AuditRow], limit: int) -> int | None:
    return rows[-1].seq if len(rows) == limit else None


def _json(kind: str, record: AuditRow | AuditOutcome) -> str:
    # ASCII: what a terminal or an editor would drop or turn around would not fit its hash any more.
    return json.dumps({kind: msgspec.to_builtins(record)}, ensure_ascii=True, separators=(",", ":"))


def _cells(one: AuditedAct) -> tuple[str, ...]:
    row = one.row
    when = datetime.fromtimestamp(row.at_ms / 1000, UTC).isoformat(timespec="seconds")
    what = (row.actor, row.permission, row.origin, row.action, row.arguments)
    return (str(row.seq), when, *what, one.outcome or "")
