"""Rows of what a registry is asked about models, of its status lists, and of leases that were taken back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.lease import LeaseRequestRow, LeaseRevocation
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_WISH: Final = """
INSERT INTO lease_request (model_id, wished_ms, until_ms, project_id)
VALUES (:model, :now_ms, :until_ms, :project_id)
ON CONFLICT (model_id) DO UPDATE SET wished_ms = excluded.wished_ms, until_ms = excluded.until_ms,
    project_id = excluded.project_id
"""
_ASKED: Final = """
INSERT INTO lease_request (model_id, message, asked_ms) VALUES (:model, :message, :now_ms)
ON CONFLICT (model_id) DO UPDATE SET message = excluded.message, asked_ms = excluded.asked_ms,
    denied = '', denied_ms = 0
"""
_DENIED: Final = """
UPDATE lease_request SET denied = :reason, denied_ms = :now_ms
WHERE message = :message AND :model IN ('', model_id)
"""
_ALL: Final = "SELECT * FROM lease_request ORDER BY model_id"
_KEEP_LIST: Final = """
INSERT INTO status_list (registry, signed_ms, token) VALUES (:registry, :signed_ms, :token)
ON CONFLICT (registry) DO UPDATE SET signed_ms = excluded.signed_ms, token = excluded.token
WHERE excluded.signed_ms > status_list.signed_ms
"""
_LISTS: Final = "SELECT token FROM status_list ORDER BY registry"
_REVOKED: Final = """
INSERT INTO lease_revocation (lease_id, model_id, how, message, done_ms)
VALUES (:lease, :model, :how, :message, :done_ms) ON CONFLICT (lease_id) DO NOTHING
"""
_REVOCATIONS: Final = "SELECT * FROM lease_revocation ORDER BY done_ms, lease_id"


class LeaseRequestTable:
    """One row a model."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def wish(self, model: str, *, until_ms: int, project_id: str, now_ms: int) -> None:
        """An operator asks for a lease; the last wish counts. Raises ``StorageUnavailable``."""
        row = {"model": model, "until_ms": until_ms, "project_id": project_id, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_WISH, row).rowcount)

    async def asked(self, models: Sequence[str], message: str, now_ms: int) -> None:
        """A message asks for these. Raises ``StorageUnavailable``."""
        rows = [{"model": model, "message": message, "now_ms": now_ms} for model in models]
        await self._writer.run(lambda database: sum(database.execute(_ASKED, row).rowcount for row in rows))

    async def denied(self, message: str, model: str, reason: str, now_ms: int) -> None:
        """The registry said no to what a message asked about a model; empty: to all of it."""
        row = {"message": message, "model": model, "reason": reason, "now_ms": now_ms}
        await self._writer.run(lambda database: database.execute(_DENIED, row).rowcount)

    async def all(self) -> Sequence[LeaseRequestRow]:
        """Every one, by model."""
        return await self._reader.run(lambda database: [_request(row) for row in database.query(_ALL)])


class StatusListTable:
    """The newest list of each registry, as it was signed."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep(self, registry: str, signed_ms: int, token: str) -> None:
        """An older one changes nothing. Raises ``StorageUnavailable``."""
        row = {"registry": registry, "signed_ms": signed_ms, "token": token}
        await self._writer.run(lambda database: database.execute(_KEEP_LIST, row).rowcount)

    async def all(self) -> Sequence[str]:
        """Their tokens."""
        return await self._reader.run(lambda database: [row["token"] for row in database.query(_LISTS)])


class LeaseRevocationTable:
    """What was done about leases that were taken back. A row stays."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, one: LeaseRevocation) -> None:
        """The first of a lease counts. Raises ``StorageUnavailable``."""
        row = {
            "lease": one.lease,
            "model": one.model,
            "how": one.how,
            "message": one.message,
            "done_ms": one.done_ms,
        }
        await self._writer.run(lambda database: database.execute(_REVOKED, row).rowcount)

    async def all(self) -> Sequence[LeaseRevocation]:
        """Oldest first."""
        return await self._reader.run(
            lambda database: [_revocation(row) for row in database.query(_REVOCATIONS)]
        )


def _request(row: Mapping[str, Any]) -> LeaseRequestRow:
    return LeaseRequestRow(
        model=row["model_id"],
        wished_ms=row["wished_ms"],
        until_ms=row["until_ms"],
        project_id=row["project_id"],
        message=row["message"],
        asked_ms=row["asked_ms"],
        denied=row["denied"],
        denied_ms=row["denied_ms"],
    )


def _revocation(row: Mapping[str, Any]) -> LeaseRevocation:
    return LeaseRevocation(
        lease=row["lease_id"],
        model=row["model_id"],
        how=row["how"],
        message=row["message"],
        done_ms=row["done_ms"],
    )
