"""Rows of applications for access: what was asked, and what was decided."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.access import Application
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO application
    (id, project_id, person_id, model_id, tier, affiliation, intended_use, publications, agreement_sha256,
     applied_ms, days, state)
VALUES
    (:id, :project, :person, :model, :tier, :affiliation, :intended_use, :publications, :agreement_sha256,
     :applied_ms, :days, :state)
"""
_DECIDE: Final = """
UPDATE application SET state = :state, decided_ms = :decided_ms, decided_by = :decided_by, reason = :reason,
    conditions = :conditions, until_ms = :until_ms
WHERE id = :id AND state = 'open'
"""
_ONE: Final = "SELECT * FROM application WHERE id = :id"
_OPEN: Final = "SELECT * FROM application WHERE state = 'open' ORDER BY seq"
_OF_PERSON: Final = """
SELECT * FROM application WHERE person_id = :person AND applied_ms >= :since_ms ORDER BY seq DESC LIMIT :most
"""


class ApplicationTable:
    """Adds, decides and finds applications."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, application: Application) -> None:
        """Remember a new one."""
        row = {
            "id": application.id,
            "project": application.project_id,
            "person": application.person_id,
            "model": application.model,
            "tier": application.tier,
            "affiliation": application.affiliation,
            "intended_use": application.intended_use,
            "publications": application.publications,
            "agreement_sha256": application.agreement_sha256,
            "applied_ms": application.applied_ms,
            "days": application.days,
            "state": application.state,
        }
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def decide(self, decided: Application) -> bool:
        """Set state and decision of one that is open; False where it is open no more."""
        row = {
            "id": decided.id,
            "state": decided.state,
            "decided_ms": decided.decided_ms,
            "decided_by": decided.decided_by,
            "reason": decided.reason,
            "conditions": decided.conditions,
            "until_ms": decided.until_ms,
        }
        return await self._writer.run(lambda database: database.execute(_DECIDE, row).rowcount == 1)

    async def get(self, application_id: str) -> Application | None:
        """One, or None."""
        found = await self._query(_ONE, {"id": application_id})
        return found[0] if found else None

    async def open(self) -> Sequence[Application]:
        """Those that wait, oldest first."""
        return await self._query(_OPEN, {})

    async def of_person(self, person_id: str, *, since_ms: int = 0, most: int = 200) -> Sequence[Application]:
        """Somebody's, newest first."""
        return await self._query(_OF_PERSON, {"person": person_id, "since_ms": since_ms, "most": most})

    async def _query(self, sql: str, values: Mapping[str, object]) -> list[Application]:
        def job(database: Database) -> list[Application]:
            return [_application(row) for row in database.query(sql, dict(values))]

        return await self._reader.run(job)


def _application(row: Mapping[str, Any]) -> Application:
    return Application(
        id=row["id"],
        project_id=row["project_id"],
        person_id=row["person_id"],
        model=row["model_id"],
        tier=row["tier"],
        affiliation=row["affiliation"],
        intended_use=row["intended_use"],
        publications=row["publications"],
        agreement_sha256=row["agreement_sha256"],
        applied_ms=row["applied_ms"],
        days=row["days"],
        state=row["state"],
        decided_ms=row["decided_ms"],
        decided_by=row["decided_by"],
        reason=row["reason"],
        conditions=row["conditions"],
        until_ms=row["until_ms"],
    )
