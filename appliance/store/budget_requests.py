"""Rows of requests for more: made, decided once, listed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.adjustment import Adjustment, BudgetRequest
from appliance.domain.allocation import Scope
from appliance.errors import Conflict, NotFound, TryAgain
from appliance.store.adjustments import apply
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_OPEN: Final = """
SELECT count(*) FROM budget_request WHERE project_id = :project AND person_id = :person AND state = 'open'
"""
_INSERT: Final = """
INSERT INTO budget_request (id, project_id, person_id, scope, micro, reason, created_ms)
VALUES (:id, :project, :person, :scope, :micro, :reason, :now_ms)
"""
_DECIDE: Final = """
UPDATE budget_request SET state = :state, granted_micro = :granted, decided_by = :by, decided_ms = :now_ms,
    decision = :decision
WHERE id = :id AND state = 'open'
"""
_ONE: Final = "SELECT * FROM budget_request WHERE id = :id"
_LIST: Final = """
SELECT * FROM budget_request WHERE (:project IS NULL OR project_id = :project) AND (:every OR state = 'open')
ORDER BY seq DESC LIMIT 1000
"""
# Its own text, so that the index of open ones is used, however many were decided.
_WAITING: Final = "SELECT * FROM budget_request WHERE state = 'open' ORDER BY seq LIMIT :limit"


class BudgetRequestTable:
    """Remembers who asked for what, and what became of it."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, request: BudgetRequest, most_open: int) -> None:
        """Remember it. Raises ``TryAgain`` where this person has ``most_open`` open ones in the project."""
        row = {
            "id": request.id,
            "project": request.project_id,
            "person": request.person_id,
            "scope": request.scope.value,
            "micro": request.micro,
            "reason": request.reason,
            "now_ms": request.created_ms,
        }

        def job(database: Database) -> None:
            if database.execute(_OPEN, row).fetchone()[0] >= most_open:
                raise TryAgain(
                    f"{most_open} of your requests for more are open, and that is how many there may be: "
                    "wait until a lead or reviewer has decided on one."
                )
            database.execute(_INSERT, row)

        await self._writer.run(job)

    async def decide(self, decided: BudgetRequest, gifts: Sequence[Adjustment]) -> None:
        """Close it and give what was granted, in one transaction. Raises ``Conflict`` where it is closed."""
        row = {
            "id": decided.id,
            "state": decided.state,
            "granted": decided.granted_micro,
            "by": decided.decided_by,
            "now_ms": decided.decided_ms,
            "decision": decided.decision,
        }

        def job(database: Database) -> None:
            if database.execute(_DECIDE, row).rowcount == 0:
                raise Conflict("This request was decided before. `carrel budget requests --all` tells how.")
            for gift in gifts:
                apply(database, gift)

        await self._writer.run(job)

    async def get(self, request_id: str) -> BudgetRequest:
        """Raises ``NotFound``."""

        def query(database: Database) -> BudgetRequest:
            for row in database.query(_ONE, {"id": request_id}):
                return _request(row)
            raise NotFound(
                "No request for more has this id. `carrel budget requests` tells them.", param="id"
            )

        return await self._reader.run(query)

    async def all(self, project_id: str | None, *, every: bool) -> Sequence[BudgetRequest]:
        """The latest first: open ones, or ``every`` one."""
        values = {"project": project_id, "every": every}
        return await self._reader.run(
            lambda database: [_request(row) for row in database.query(_LIST, values)]
        )

    async def waiting(self, limit: int) -> Sequence[BudgetRequest]:
        """Open ones, the oldest first."""
        return await self._reader.run(
            lambda database: [_request(row) for row in database.query(_WAITING, {"limit": limit})]
        )


def _request(row: Mapping[str, Any]) -> BudgetRequest:
    return BudgetRequest(
        id=row["id"],
        project_id=row["project_id"],
        person_id=row["person_id"],
        scope=Scope.PROJECT if row["scope"] == "project" else Scope.PERSON,
        micro=row["micro"],
        reason=row["reason"],
        created_ms=row["created_ms"],
        state=row["state"],
        granted_micro=row["granted_micro"],
        decided_by=row["decided_by"],
        decided_ms=row["decided_ms"],
        decision=row["decision"],
    )
