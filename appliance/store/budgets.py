"""A project's budget: its allocation of all that it may spend, with its one account."""

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.usage import Budget
from appliance.store.reader import Reader
from appliance.store.refusing import no_project
from appliance.store.writer import Writer

_ONE: Final = """
SELECT project_id, limit_micro, spent_micro, held_micro, granted_micro
FROM allocation JOIN account ON account.allocation_id = allocation.id
WHERE project_id = :project AND scope = 'project' AND window = 'total' AND ended_ms IS NULL
"""
_SET_LIMIT: Final = """
UPDATE allocation SET limit_micro = :limit
WHERE project_id = :project AND scope = 'project' AND window = 'total' AND ended_ms IS NULL
"""


class BudgetTable:
    """Shows budgets and sets their limits."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def get(self, project_id: str) -> Budget:
        """A project's account. Raises ``NotFound``."""
        return await self._reader.run(lambda database: budget_of(database, project_id))

    async def set_limit(self, project_id: str, limit_micro: int | None) -> Budget:
        """Limit what a project may spend; below what it has spent, it only stops new requests.

        Raises ``NotFound``.
        """

        def job(database: Database) -> Budget:
            database.execute(_SET_LIMIT, {"project": project_id, "limit": limit_micro})
            return budget_of(database, project_id)

        return await self._writer.run(job)


def budget_of(database: Database, project_id: str) -> Budget:
    """A project's account, inside a job or query. Raises ``NotFound``."""
    for row in database.query(_ONE, {"project": project_id}):
        return _budget(row)
    raise no_project()


def _budget(row: Mapping[str, Any]) -> Budget:
    return Budget(
        project_id=row["project_id"],
        limit_micro=row["limit_micro"],
        spent_micro=row["spent_micro"],
        held_micro=row["held_micro"],
        granted_micro=row["granted_micro"],
    )
