"""Rows of what was done about duties and of training, and when levels were reached. Nothing is taken out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.duties import DutyRecord, Level, ReachedLevel, TrainingRecord
from appliance.errors import Conflict
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO duty_record (
    id, project_id, duty, who, submitted_by, submitted_ms, evidence, sha256, answers, version,
    accepted_by, accepted_ms, until_ms, self_approved
) VALUES (
    :id, :project, :duty, :who, :submitted_by, :submitted_ms, :evidence, :sha256, :answers, :version,
    :accepted_by, :accepted_ms, :until_ms, :self_approved
)
"""
_ACCEPT: Final = """
UPDATE duty_record SET
    accepted_by = :accepted_by, accepted_ms = :accepted_ms, until_ms = :until_ms,
    self_approved = :self_approved
WHERE id = :id AND accepted_ms IS NULL AND withdrawn_ms IS NULL
"""
_WITHDRAW: Final = """
UPDATE duty_record SET withdrawn_by = :withdrawn_by, withdrawn_ms = :withdrawn_ms, reason = :reason
WHERE id = :id AND withdrawn_ms IS NULL
"""
_REACHED: Final = """
INSERT INTO duty_level (project_id, year_ms, level, reached_ms)
VALUES (:project, :year_ms, :level, :reached_ms)
ON CONFLICT DO NOTHING
"""
_TRAINED: Final = """
INSERT INTO duty_training (id, project_id, gflop, what, recorded_by, recorded_ms)
VALUES (:id, :project, :gflop, :what, :recorded_by, :recorded_ms)
"""
_UNTRAINED: Final = """
UPDATE duty_training SET withdrawn_ms = coalesce(withdrawn_ms, :now_ms) WHERE id = :id
"""


class DutyTable:
    """What the service of duties learns at the start, and keeps."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def records(self) -> Sequence[DutyRecord]:
        """Every one, oldest first."""
        query = "SELECT * FROM duty_record ORDER BY seq"
        return await self._reader.run(lambda database: [_record(row) for row in database.query(query)])

    async def levels(self) -> Sequence[ReachedLevel]:
        """Of all projects and years."""
        query = "SELECT * FROM duty_level ORDER BY reached_ms, level"
        return await self._reader.run(lambda database: [_level(row) for row in database.query(query)])

    async def trainings(self) -> Sequence[TrainingRecord]:
        """Every one, oldest first."""
        query = "SELECT * FROM duty_training ORDER BY seq"
        return await self._reader.run(lambda database: [_training(row) for row in database.query(query)])

    async def add(self, record: DutyRecord) -> None:
        """Something new that was done."""
        row = _row(record)
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def accept(self, record: DutyRecord) -> None:
        """As the record now says. Raises ``Conflict`` where it was accepted or taken back before."""
        await self._change(_ACCEPT, _row(record))

    async def withdraw(self, record: DutyRecord) -> None:
        """As the record now says. Raises ``Conflict`` where it was taken back before."""
        await self._change(_WITHDRAW, _row(record))

    async def reach(self, levels: Sequence[ReachedLevel]) -> None:
        """In one commit; what was reached before keeps its time."""
        rows = [
            {
                "project": one.project_id,
                "year_ms": one.year_ms,
                "level": int(one.level),
                "reached_ms": one.reached_ms,
            }
            for one in levels
        ]

        def job(database: Database) -> None:
            for row in rows:
                database.execute(_REACHED, row)

        await self._writer.run(job)

    async def train(self, training: TrainingRecord) -> None:
        """Something that was trained."""
        row = {
            "id": training.id,
            "project": training.project_id,
            "gflop": training.gflop,
            "what": training.what,
            "recorded_by": training.recorded_by,
            "recorded_ms": training.recorded_ms,
        }
        await self._writer.run(lambda database: database.execute(_TRAINED, row).rowcount)

    async def untrain(self, id: str, now_ms: int) -> None:
        """It was recorded by mistake; the first time counts."""
        row = {"id": id, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_UNTRAINED, row).rowcount)

    async def _change(self, statement: str, row: Mapping[str, str | int | None]) -> None:
        def job(database: Database) -> None:
            if database.execute(statement, row).rowcount == 0:
                raise Conflict("It was decided meanwhile. `carrel duty show` tells how it stands now.")

        await self._writer.run(job)


def _row(record: DutyRecord) -> dict[str, str | int | None]:
    return {
        "id": record.id,
        "project": record.project_id,
        "duty": record.duty,
        "who": record.who,
        "submitted_by": record.submitted_by,
        "submitted_ms": record.submitted_ms,
        "evidence": record.evidence,
        "sha256": record.sha256,
        "answers": msgspec.json.encode(record.answers).decode(),
        "version": record.version,
        "accepted_by": record.accepted_by,
        "accepted_ms": record.accepted_ms,
        "until_ms": record.until_ms,
        "self_approved": record.self_approved,
        "withdrawn_by": record.withdrawn_by,
        "withdrawn_ms": record.withdrawn_ms,
        "reason": record.reason,
    }


def _record(row: Mapping[str, Any]) -> DutyRecord:
    plain = {name: value for name, value in row.items() if name not in {"seq", "answers", "self_approved"}}
    answers = msgspec.json.decode(row["answers"], type=dict[str, str])
    return DutyRecord(**plain, answers=answers, self_approved=bool(row["self_approved"]))


def _level(row: Mapping[str, Any]) -> ReachedLevel:
    return ReachedLevel(row["project_id"], row["year_ms"], Level(row["level"]), row["reached_ms"])


def _training(row: Mapping[str, Any]) -> TrainingRecord:
    return TrainingRecord(
        id=row["id"],
        project_id=row["project_id"],
        gflop=row["gflop"],
        what=row["what"],
        recorded_by=row["recorded_by"],
        recorded_ms=row["recorded_ms"],
        withdrawn_ms=row["withdrawn_ms"],
    )
