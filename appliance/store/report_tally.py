"""Tallies of use by part of a day. The ledger's trigger fills them; here they are closed, read, ended."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.reporting import LeafRow, Part, Ran, Refusals, Sums, TallyRow, backend_of
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_END_OPEN: Final = "UPDATE report_part SET closed = 1, broken_off = 1 WHERE closed = 0"
# A day that is still to come is one of a clock that was ahead: its use is reported under the present day.
_CLOSE: Final = """
UPDATE report_part SET closed = 1, due = 1, day = min(day, :today)
WHERE due = 0 AND (day <> :today OR :early)
"""
_DUE: Final = "SELECT part, day FROM report_part WHERE due AND batched_ms IS NULL ORDER BY day, line"
_OF_DAY: Final = """
SELECT part, day FROM report_part WHERE day = :day AND batched_ms IS NULL ORDER BY line
"""
_DAYS: Final = "SELECT DISTINCT day FROM report_part WHERE batched_ms IS NULL ORDER BY day"
_ROWS: Final = "SELECT * FROM report_tally WHERE part = :part"
_LEAVES: Final = """
SELECT seq, request_id, project_id, model_id, recipe_revision, file_sha256, engine_build AS backend,
    iif(kind = 'training', 'finetune', op) AS op, flop_method, outcome, ended_ms, prompt_tokens,
    completion_tokens, gflop
FROM usage WHERE report_part = :part AND seq > :after ORDER BY seq LIMIT :limit
"""
_REPORTING: Final = "SELECT reporting FROM federation_state"
_OPEN: Final = """
INSERT INTO report_part (part, line, day)
SELECT abs(random() % 281474976710656), (SELECT coalesce(max(line), 0) + 1 FROM report_part), :day
WHERE NOT EXISTS (SELECT 1 FROM report_part WHERE day = :day AND closed = 0)
"""
_REFUSED: Final = """
INSERT INTO report_tally (
    part, project_id, model_id, holder, recipe_revision, file_sha256, backend, op, flop_method,
    refused_budget, refused_license, first_hour, last_hour
)
SELECT part, :project, :model, :holder, :revision, :file_sha256, :backend, :op, :method, :budget, :license,
    :hour, :hour
FROM report_part WHERE day = :day AND closed = 0
ON CONFLICT DO UPDATE SET
    refused_budget = refused_budget + excluded.refused_budget,
    refused_license = refused_license + excluded.refused_license,
    first_hour = min(first_hour, excluded.first_hour),
    last_hour = max(last_hour, excluded.last_hour)
"""
_FORGET: Final = """
DELETE FROM report_tally WHERE part IN (
    SELECT part FROM report_part WHERE batched_ms IS NOT NULL AND day < :day AND NOT EXISTS (
        SELECT 1 FROM report_batch
        WHERE report_batch.part = report_part.part AND acked_ms IS NULL AND replaced = 0
    ) AND EXISTS (SELECT 1 FROM report_tally AS left WHERE left.part = report_part.part) LIMIT :limit
)
"""


class ReportTallyTable:
    """Days are counted from 1970, by UTC."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def end_open(self) -> None:
        """Parts that are open take no more rows; what comes goes to new ones. At start: what a database had
        when it was copied is told apart from what came after.
        """
        await self._writer.run(lambda database: database.execute(_END_OPEN))

    async def close(self, today: int, *, early: bool = False) -> None:
        """Whatever is of another day than ``today`` is to be reported now; with ``early`` that of today
        too.
        """
        row = {"today": today, "early": early}
        await self._writer.run(lambda database: database.execute(_CLOSE, row))

    async def due(self) -> Sequence[Part]:
        """Parts that are to be reported, the oldest day first."""
        return await self._parts(_DUE, {})

    async def of_day(self, day: int) -> Sequence[Part]:
        """Parts of a day that are in no report yet, open ones among them."""
        return await self._parts(_OF_DAY, {"day": day})

    async def open_days(self) -> Sequence[int]:
        """Days with use that is in no report yet."""
        return await self._reader.run(
            lambda database: [int(row["day"]) for row in database.query(_DAYS)],
        )

    async def rows(self, part: int) -> Sequence[TallyRow]:
        """What is in a part."""
        return await self._reader.run(
            lambda database: [_tally(row) for row in database.query(_ROWS, {"part": part})]
        )

    async def leaves(self, part: int, *, after: int, limit: int) -> Sequence[LeafRow]:
        """At most so many requests of a part behind row ``after``, in the order in which they began."""
        row = {"part": part, "after": after, "limit": limit}
        return await self._reader.run(lambda database: [_leaf(one) for one in database.query(_LEAVES, row)])

    async def add_refusals(self, counted: Sequence[Refusals]) -> None:
        """Count them, in one commit; not at all where the box does not report."""
        rows = [_refusal(one) for one in counted]

        def job(database: Database) -> None:
            if not database.execute(_REPORTING).fetchone()[0]:
                return
            for row in rows:
                database.execute(_OPEN, {"day": row["day"]})
                database.execute(_REFUSED, row)

        await self._writer.run(job)

    async def forget(self, before_ms: int, limit: int) -> int:
        """Rows of single holders of at most so many parts of earlier days that the registry has
        acknowledged. Returns how many rows.
        """
        row = {"day": before_ms // 86_400_000, "limit": limit}
        return await self._writer.run(lambda database: int(database.execute(_FORGET, row).rowcount))

    async def _parts(self, query: str, row: Mapping[str, object]) -> Sequence[Part]:
        return await self._reader.run(
            lambda database: [Part(one["part"], one["day"]) for one in database.query(query, row)]
        )


def _ran(row: Mapping[str, Any]) -> Ran:
    return Ran(
        model=row["model_id"].partition("@")[0],
        revision=row["recipe_revision"],
        file_sha256=row["file_sha256"],
        backend=backend_of(row["backend"]),
        op=row["op"],
        method=row["flop_method"],
    )


def _tally(row: Mapping[str, Any]) -> TallyRow:
    return TallyRow(
        holder=row["holder"],
        project_id=row["project_id"],
        ran=_ran(row),
        sums=Sums(
            requests=row["requests"],
            failed=row["failed"],
            refused_budget=row["refused_budget"],
            refused_license=row["refused_license"],
            estimated=row["estimated"],
            input_tokens=row["input_tokens"],
            cached_tokens=row["cached_tokens"],
            output_tokens=row["output_tokens"],
            gflop=row["gflop"],
            gpu_ms=row["gpu_ms"],
            wall_ms=row["wall_ms"],
            energy_mj=row["energy_mj"],
            money_micro=row["money_micro"],
        ),
        first_hour=row["first_hour"],
        last_hour=row["last_hour"],
    )


def _leaf(row: Mapping[str, Any]) -> LeafRow:
    return LeafRow(
        seq=row["seq"],
        request_id=row["request_id"],
        project_id=row["project_id"],
        ran=_ran(row),
        outcome=row["outcome"],
        ended_ms=row["ended_ms"],
        input_tokens=row["prompt_tokens"],
        output_tokens=row["completion_tokens"],
        gflop=row["gflop"],
    )


def _refusal(one: Refusals) -> dict[str, str | int]:
    return {
        "day": one.day,
        "holder": one.holder,
        "project": one.project_id,
        "model": one.model_id,
        "revision": one.ran.revision,
        "file_sha256": one.ran.file_sha256,
        "backend": one.ran.backend,
        "op": one.ran.op,
        "method": one.ran.method,
        "budget": one.budget,
        "license": one.license,
        "hour": one.hour,
    }
