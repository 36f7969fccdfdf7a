"""Rows of who belongs to which project, and as what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.people import Membership
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUT: Final = """
INSERT INTO membership (project_id, person_id, part, since_ms)
VALUES (:project, :person, :part, :since_ms)
ON CONFLICT (project_id, person_id) DO UPDATE SET part = excluded.part
"""
_REMOVE: Final = "DELETE FROM membership WHERE project_id = :project AND person_id = :person"
_ALL: Final = "SELECT * FROM membership ORDER BY rowid"


class MemberTable:
    """A person belongs to a project once."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, membership: Membership) -> None:
        """Remember it, or the other part that somebody has now."""
        await self._writer.run(lambda database: put_member(database, membership))

    async def remove(self, project_id: str, person_id: str) -> None:
        """End it; one that is not there is fine."""
        row = {"project": project_id, "person": person_id}
        await self._writer.run(lambda database: database.execute(_REMOVE, row).rowcount)

    async def all(self) -> Sequence[Membership]:
        """Every membership, oldest first."""
        return await self._reader.run(lambda database: [_membership(row) for row in database.query(_ALL)])


def put_member(database: Database, membership: Membership) -> None:
    """Within a job of the writer."""
    row = {
        "project": membership.project_id,
        "person": membership.person_id,
        "part": membership.part,
        "since_ms": membership.since_ms,
    }
    database.execute(_PUT, row)


def _membership(row: Mapping[str, Any]) -> Membership:
    return Membership(
        project_id=row["project_id"],
        person_id=row["person_id"],
        part=row["part"],
        since_ms=row["since_ms"],
    )
