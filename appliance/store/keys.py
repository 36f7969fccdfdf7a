"""Rows of keys. A key's secret is never here, only its SHA-256."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from appliance.domain.people import ApiKey
from appliance.errors import NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT = """
INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms, expires_ms, revoked_ms)
VALUES (:id, :name, :last4, :digest, :person_id, :project_id, :created_ms, :expires_ms, :revoked_ms)
"""
_REVOKE = "UPDATE key SET revoked_ms = coalesce(revoked_ms, :now_ms) WHERE id = :id"
_ONE = "SELECT * FROM key WHERE id = :id"
_ALL = "SELECT * FROM key WHERE :project IS NULL OR project_id = :project ORDER BY rowid"
_USABLE = "SELECT * FROM key WHERE revoked_ms IS NULL ORDER BY rowid"


class KeyTable:
    """Adds, lists and revokes keys."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, key: ApiKey, digest: bytes) -> None:
        """Remember a new key by the SHA-256 of its secret."""
        row = {
            "id": key.id,
            "name": key.name,
            "last4": key.last4,
            "digest": digest,
            "person_id": key.person_id,
            "project_id": key.project_id,
            "created_ms": key.created_ms,
            "expires_ms": key.expires_ms,
            "revoked_ms": key.revoked_ms,
        }
        await self._writer.run(lambda database: _execute(database, _INSERT, row))

    async def revoke(self, key_id: str, now_ms: int) -> ApiKey:
        """End a key; the first time counts. Raises ``NotFound``."""

        def job(database: Database) -> ApiKey:
            database.execute(_REVOKE, {"id": key_id, "now_ms": now_ms})
            rows = list(database.query(_ONE, {"id": key_id}))
            if not rows:
                raise NotFound("No key has this id. `carrel key list` shows them all.", param="id")
            return _key(rows[0])

        return await self._writer.run(job)

    async def all(self, project_id: str | None = None) -> Sequence[ApiKey]:
        """Keys, oldest first, of one project or of all."""
        return await self._reader.run(
            lambda database: [_key(row) for row in database.query(_ALL, {"project": project_id})]
        )

    async def usable(self) -> Sequence[tuple[bytes, ApiKey]]:
        """SHA-256 and key of every key that was not revoked; some may have expired."""
        return await self._reader.run(
            lambda database: [(bytes(row["digest"]), _key(row)) for row in database.query(_USABLE)]
        )


def _execute(database: Database, statement: str, row: Mapping[str, object]) -> None:
    database.execute(statement, row)


def _key(row: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        last4=row["last4"],
        person_id=row["person_id"],
        project_id=row["project_id"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
        revoked_ms=row["revoked_ms"],
    )
