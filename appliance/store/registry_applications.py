"""Rows of what was asked of the registry about applications."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.countersigning import AskedOfRegistry
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO registry_application
    (message_id, application_id, model_id, grant_id, project_id, person_id, payload, sha256, made_ms)
VALUES
    (:message, :application, :model, :grant, :project, :person, :payload, :sha256, :made_ms)
"""
_CHANGE: Final = """
UPDATE registry_application SET agreed_ms = :agreed_ms, agreed_by = :agreed_by, sent_ms = :sent_ms,
    answer = :answer, answered_ms = :answered_ms, reason = :reason
WHERE message_id = :message
"""
_ALL: Final = "SELECT * FROM registry_application ORDER BY seq"


class RegistryApplicationTable:
    """Adds and changes them; what was shown never changes."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, asked: AskedOfRegistry) -> None:
        """Remember a new one."""
        row = {
            "message": asked.message,
            "application": asked.application,
            "model": asked.model,
            "grant": asked.grant,
            "project": asked.project,
            "person": asked.person,
            "payload": asked.payload,
            "sha256": asked.sha256,
            "made_ms": asked.made_ms,
        }
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def change(self, asked: AskedOfRegistry) -> None:
        """What became of it, as it is from now on."""
        row = {
            "message": asked.message,
            "agreed_ms": asked.agreed_ms,
            "agreed_by": asked.agreed_by,
            "sent_ms": asked.sent_ms,
            "answer": asked.answer,
            "answered_ms": asked.answered_ms,
            "reason": asked.reason,
        }
        await self._writer.run(lambda database: database.execute(_CHANGE, row).rowcount)

    async def all(self) -> Sequence[AskedOfRegistry]:
        """Every one, oldest first."""
        return await self._reader.run(lambda database: [_asked(row) for row in database.query(_ALL)])


def _asked(row: Mapping[str, Any]) -> AskedOfRegistry:
    return AskedOfRegistry(
        message=row["message_id"],
        application=row["application_id"],
        model=row["model_id"],
        grant=row["grant_id"],
        project=row["project_id"],
        person=row["person_id"],
        payload=row["payload"],
        sha256=row["sha256"],
        made_ms=row["made_ms"],
        agreed_ms=row["agreed_ms"],
        agreed_by=row["agreed_by"],
        sent_ms=row["sent_ms"],
        answer=row["answer"],
        answered_ms=row["answered_ms"],
        reason=row["reason"],
    )
