"""Rows of what the lab set of tripwires, and of what projects declared about their use."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.oversight import DeclaredPattern, WireSetting
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_SET: Final = """
INSERT INTO tripwire (wire, is_on, threshold, hours) VALUES (:wire, :on, :threshold, :hours)
ON CONFLICT (wire) DO UPDATE SET is_on = :on, threshold = :threshold, hours = :hours
"""
_SETTINGS: Final = "SELECT * FROM tripwire ORDER BY wire"
_END: Final = """
UPDATE declared_pattern SET ended_ms = :now_ms
WHERE project_id = :project AND pattern = :pattern AND ended_ms IS NULL
"""
_DECLARE: Final = """
INSERT INTO declared_pattern (id, project_id, pattern, why, declared_by, declared_ms, until_ms)
VALUES (:id, :project, :pattern, :why, :by, :now_ms, :until_ms)
"""
_DECLARED: Final = "SELECT * FROM declared_pattern WHERE ended_ms IS NULL ORDER BY seq"


class TripwireTable:
    """One row a wire that was set, and one a declaration, ended ones too."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def set(self, setting: WireSetting) -> None:
        """In place of what was set before."""
        row = {
            "wire": setting.wire,
            "on": setting.on,
            "threshold": setting.threshold,
            "hours": setting.hours,
        }
        await self._writer.run(lambda database: database.execute(_SET, row).rowcount)

    async def settings(self) -> Sequence[WireSetting]:
        """Of every wire that was set."""
        return await self._reader.run(lambda database: [_setting(row) for row in database.query(_SETTINGS)])

    async def declare(self, one: DeclaredPattern) -> None:
        """In place of the project's same pattern, in one commit."""
        row = {
            "id": one.id,
            "project": one.project_id,
            "pattern": one.pattern,
            "why": one.why,
            "by": one.declared_by,
            "now_ms": one.declared_ms,
            "until_ms": one.until_ms,
        }

        def job(database: Database) -> None:
            database.execute(_END, row)
            database.execute(_DECLARE, row)

        await self._writer.run(job)

    async def forget(self, project: str, pattern: str, now_ms: int) -> None:
        """It is declared no more; one that is not there is fine."""
        row = {"project": project, "pattern": pattern, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_END, row).rowcount)

    async def declared(self) -> Sequence[DeclaredPattern]:
        """Those that were not taken back, oldest first; some may have run out."""
        return await self._reader.run(lambda database: [_declared(row) for row in database.query(_DECLARED)])


def _setting(row: Mapping[str, Any]) -> WireSetting:
    on = None if row["is_on"] is None else bool(row["is_on"])
    return WireSetting(wire=row["wire"], on=on, threshold=row["threshold"], hours=row["hours"])


def _declared(row: Mapping[str, Any]) -> DeclaredPattern:
    return DeclaredPattern(
        id=row["id"],
        project_id=row["project_id"],
        pattern=row["pattern"],
        why=row["why"],
        declared_by=row["declared_by"],
        declared_ms=row["declared_ms"],
        until_ms=row["until_ms"],
    )
