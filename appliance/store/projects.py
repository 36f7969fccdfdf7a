"""Rows of projects. A project is born with its budget, which is without limit until someone sets one."""

from collections.abc import Sequence

from sqlite_utils import Database

from appliance.domain.people import Project
from appliance.errors import Conflict
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT = """
INSERT INTO project (id, name, created_ms) VALUES (:id, :name, :created_ms) ON CONFLICT (id) DO NOTHING
"""
_INSERT_BUDGET = "INSERT INTO budget (project_id) VALUES (:id)"
_ALL = "SELECT id, name, created_ms FROM project ORDER BY rowid"


class ProjectTable:
    """Adds and lists projects."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, project: Project) -> None:
        """Remember a new project and open its account. Raises ``Conflict`` where the id is taken."""
        row = {"id": project.id, "name": project.name, "created_ms": project.created_ms}

        def job(database: Database) -> None:
            if database.execute(_INSERT, row).rowcount == 0:
                raise Conflict("A project of this id exists. Choose another id.", param="project")
            database.execute(_INSERT_BUDGET, {"id": project.id})

        await self._writer.run(job)

    async def all(self) -> Sequence[Project]:
        """Every project, oldest first."""
        return await self._reader.run(
            lambda database: [
                Project(id=row["id"], name=row["name"], created_ms=row["created_ms"])
                for row in database.query(_ALL)
            ]
        )
