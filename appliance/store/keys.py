"""Rows of keys. A key's secret is never here, only its SHA-256."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from appliance.domain.people import ApiKey, KeyLimits
from appliance.errors import NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT = """
INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms, expires_ms, revoked_ms,
    requests_per_minute, tokens_per_minute, requests_per_day, running, canary)
VALUES (:id, :name, :last4, :digest, :person_id, :project_id, :created_ms, :expires_ms, :revoked_ms,
    :requests_per_minute, :tokens_per_minute, :requests_per_day, :running, :canary)
"""
_SET_LIMITS = """
UPDATE key SET requests_per_minute = :requests_per_minute, tokens_per_minute = :tokens_per_minute,
    requests_per_day = :requests_per_day, running = :running
WHERE id = :id
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
        await self._writer.run(lambda database: insert_key(database, key, digest))

    async def set_limits(self, key_id: str, limits: KeyLimits) -> None:
        """Replace the limits of a key."""
        await self._writer.run(lambda database: put_limits(database, key_id, limits))

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


def insert_key(database: Database, key: ApiKey, digest: bytes) -> None:
    """Within a job of the writer."""
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
        "canary": key.canary,
        **_limits(key.limits),
    }
    database.execute(_INSERT, row)


def put_limits(database: Database, key_id: str, limits: KeyLimits) -> None:
    """Within a job of the writer."""
    database.execute(_SET_LIMITS, {"id": key_id, **_limits(limits)})


def _limits(limits: KeyLimits) -> dict[str, int]:
    return {
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
        "requests_per_day": limits.requests_per_day,
        "running": limits.running,
    }


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
        limits=KeyLimits(
            requests_per_minute=row["requests_per_minute"],
            tokens_per_minute=row["tokens_per_minute"],
            requests_per_day=row["requests_per_day"],
            running=row["running"],
        ),
        canary=bool(row["canary"]),
    )
