"""Rows of grants: which project may use which model, until when. What ended stays, with its time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.license import Grant
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_END: Final = """
UPDATE access_grant SET ended_ms = :now_ms
WHERE model_id = :model AND project_id = :project AND ended_ms IS NULL
"""
_GIVE: Final = """
INSERT INTO access_grant (model_id, project_id, granted_ms, until_ms)
VALUES (:model, :project, :granted_ms, :until_ms)
"""
_ALL: Final = "SELECT * FROM access_grant WHERE ended_ms IS NULL ORDER BY seq"


class GrantTable:
    """A project has at most one for a model."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def give(self, grant: Grant) -> None:
        """In place of the one that the project has, in one commit."""

        def job(database: Database) -> None:
            place = {"model": grant.model, "project": grant.project_id}
            database.execute(_END, {**place, "now_ms": grant.granted_ms})
            database.execute(_GIVE, {**place, "granted_ms": grant.granted_ms, "until_ms": grant.until_ms})

        await self._writer.run(job)

    async def revoke(self, model: str, project_id: str, now_ms: int) -> None:
        """End it; one that is not there is fine."""
        row = {"model": model, "project": project_id, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_END, row).rowcount)

    async def all(self) -> Sequence[Grant]:
        """Those that were not taken back, oldest first; some may have run out."""
        return await self._reader.run(lambda database: [_grant(row) for row in database.query(_ALL)])


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        model=row["model_id"],
        project_id=row["project_id"],
        until_ms=row["until_ms"],
        granted_ms=row["granted_ms"],
    )
