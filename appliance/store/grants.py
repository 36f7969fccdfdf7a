"""Rows of grants: which project may use which models, until when. What ended stays, with its time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.access import Grant
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_END: Final = """
UPDATE access_grant SET ended_ms = :now_ms
WHERE model_id = :model AND tier = :tier AND project_id = :project AND ended_ms IS NULL
"""
_GIVE: Final = """
INSERT INTO access_grant
    (id, model_id, tier, project_id, granted_ms, until_ms, conditions, reason, given_by, application_id,
     self_approved)
VALUES
    (:id, :model, :tier, :project, :granted_ms, :until_ms, :conditions, :reason, :given_by, :application,
     :self_approved)
"""
_ALL: Final = "SELECT * FROM access_grant WHERE ended_ms IS NULL ORDER BY seq"


class GrantTable:
    """A project has at most one for a model, and one for a tier."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def give(self, grant: Grant) -> None:
        """In place of the one that the project has, in one commit."""
        place = _place(grant)
        row = {
            **place,
            "id": grant.id,
            "granted_ms": grant.granted_ms,
            "until_ms": grant.until_ms,
            "conditions": grant.conditions,
            "reason": grant.reason,
            "given_by": grant.given_by,
            "application": grant.application,
            "self_approved": grant.self_approved,
        }

        def job(database: Database) -> None:
            database.execute(_END, {**place, "now_ms": grant.granted_ms})
            database.execute(_GIVE, row)

        await self._writer.run(job)

    async def revoke(self, grant: Grant, now_ms: int) -> None:
        """End the one in its place; one that is not there is fine."""
        row = {**_place(grant), "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_END, row).rowcount)

    async def all(self) -> Sequence[Grant]:
        """Those that were not taken back, oldest first; some may have run out."""
        return await self._reader.run(lambda database: [_grant(row) for row in database.query(_ALL)])


def _place(grant: Grant) -> dict[str, object]:
    return {"model": grant.model, "tier": grant.tier, "project": grant.project_id}


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        model=row["model_id"],
        project_id=row["project_id"],
        until_ms=row["until_ms"],
        granted_ms=row["granted_ms"],
        tier=row["tier"],
        id=row["id"],
        conditions=row["conditions"],
        reason=row["reason"],
        given_by=row["given_by"],
        application=row["application_id"],
        self_approved=bool(row["self_approved"]),
    )
