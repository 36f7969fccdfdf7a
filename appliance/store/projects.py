"""Rows of projects. A project is born with its budget, which is without limit until someone sets one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from appliance.domain.people import Project
from appliance.errors import Conflict, NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT = """
INSERT INTO project (id, name, created_ms, weight, shares_prefixes)
VALUES (:id, :name, :created_ms, :weight, :shares_prefixes) ON CONFLICT (id) DO NOTHING
"""
_INSERT_BUDGET = "INSERT INTO budget (project_id) VALUES (:id)"
_SET = """
UPDATE project SET weight = coalesce(:weight, weight), shares_prefixes = coalesce(:shares, shares_prefixes)
WHERE id = :id
"""
_ONE = "SELECT * FROM project WHERE id = :id"
_ALL = "SELECT * FROM project ORDER BY rowid"


class ProjectTable:
    """Adds, changes and lists projects."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, project: Project) -> None:
        """Remember a new project and open its account. Raises ``Conflict`` where the id is taken."""
        row = {
            "id": project.id,
            "name": project.name,
            "created_ms": project.created_ms,
            "weight": project.weight,
            "shares_prefixes": project.shares_prefixes,
        }

        def job(database: Database) -> None:
            if database.execute(_INSERT, row).rowcount == 0:
                raise Conflict("A project of this id exists. Choose another id.", param="project")
            database.execute(_INSERT_BUDGET, {"id": project.id})

        await self._writer.run(job)

    async def change(self, project_id: str, *, weight: int | None, shares_prefixes: bool | None) -> Project:
        """Set what is not None. Raises ``NotFound``."""
        row = {"id": project_id, "weight": weight, "shares": shares_prefixes}

        def job(database: Database) -> Project:
            database.execute(_SET, row)
            for found in database.query(_ONE, {"id": project_id}):
                return _project(found)
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")

        return await self._writer.run(job)

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        return await self._reader.run(lambda database: [_project(row) for row in database.query(_ALL)])


def _project(row: Mapping[str, Any]) -> Project:
    return Project(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        weight=row["weight"],
        shares_prefixes=bool(row["shares_prefixes"]),
    )
