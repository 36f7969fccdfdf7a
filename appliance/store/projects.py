"""Rows of projects. A project is born with its budget, which is without limit until someone sets one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.people import Project
from appliance.errors import Conflict
from appliance.store.allocations import open_project
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO project
    (id, name, created_ms, weight, shares_prefixes, kind, purpose, tags, starts_ms, ends_ms, closed_ms)
VALUES
    (:id, :name, :created_ms, :weight, :shares_prefixes, :kind, :purpose, :tags, :starts_ms, :ends_ms,
    :closed_ms)
ON CONFLICT (id) DO NOTHING
"""
_CHANGE: Final = """
UPDATE project SET name = :name, weight = :weight, shares_prefixes = :shares_prefixes, kind = :kind,
    purpose = :purpose, tags = :tags, starts_ms = :starts_ms, ends_ms = :ends_ms, closed_ms = :closed_ms
WHERE id = :id
"""
_ALL: Final = "SELECT * FROM project ORDER BY rowid"


class ProjectTable:
    """Adds, changes and lists projects."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, project: Project) -> None:
        """Remember a new project and open its account. Raises ``Conflict`` where the id is taken."""
        await self._writer.run(lambda database: insert_project(database, project))

    async def change(self, project: Project) -> None:
        """Replace what is known of the project of this id."""
        row = _row(project)
        await self._writer.run(lambda database: database.execute(_CHANGE, row).rowcount)

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        return await self._reader.run(lambda database: [_project(row) for row in database.query(_ALL)])


def insert_project(database: Database, project: Project) -> None:
    """As ``ProjectTable.add``, within a job of the writer."""
    if database.execute(_INSERT, _row(project)).rowcount == 0:
        raise Conflict("A project of this id exists. Choose another id.", param="project")
    open_project(database, project.id, project.created_ms)


def _row(project: Project) -> dict[str, object]:
    return {
        "id": project.id,
        "name": project.name,
        "created_ms": project.created_ms,
        "weight": project.weight,
        "shares_prefixes": project.shares_prefixes,
        "kind": project.kind,
        "purpose": project.purpose,
        "tags": json.dumps(project.tags),
        "starts_ms": project.starts_ms,
        "ends_ms": project.ends_ms,
        "closed_ms": project.closed_ms,
    }


def _project(row: Mapping[str, Any]) -> Project:
    return Project(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        weight=row["weight"],
        shares_prefixes=bool(row["shares_prefixes"]),
        kind=row["kind"],
        purpose=row["purpose"],
        tags=tuple(json.loads(row["tags"])),
        starts_ms=row["starts_ms"],
        ends_ms=row["ends_ms"],
        closed_ms=row["closed_ms"],
    )
