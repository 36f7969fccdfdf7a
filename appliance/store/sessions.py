"""Rows of browsers' sessions. A session's cookie is never here, only its SHA-256."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from appliance.domain.sessions import Session
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO session (id, digest, key_id, created_ms, expires_ms, secure, exclusive, address)
VALUES (:id, :digest, :key_id, :created_ms, :expires_ms, :secure, :exclusive, :address)
"""
_END: Final = "DELETE FROM session WHERE id = :id"
_END_OF_KEY: Final = "DELETE FROM session WHERE key_id = :key_id"
_GOOD: Final = "SELECT * FROM session WHERE expires_ms > :now_ms ORDER BY created_ms, rowid"


class SessionTable:
    """Adds, finds and ends them."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, session: Session, digest: bytes) -> None:
        """Remember a new one by the SHA-256 of its cookie."""
        row = {**asdict(session), "digest": digest}
        await self._writer.run(lambda database: database.execute(_INSERT, row).rowcount)

    async def end(self, session_id: str) -> None:
        """Forget one. Safe twice."""
        await self._writer.run(lambda database: database.execute(_END, {"id": session_id}).rowcount)

    def end_of_key(self, key_id: str) -> None:
        """Forget those of a key, soon: nobody waits for it. Raises ``StorageUnavailable`` where the store is
        closed.
        """
        self._writer.submit(lambda database: database.execute(_END_OF_KEY, {"key_id": key_id}).rowcount)

    async def good(self, now_ms: int) -> Sequence[tuple[bytes, Session]]:
        """Those whose time is not over, the oldest first, each with the SHA-256 of its cookie."""
        row = {"now_ms": now_ms}
        return await self._reader.run(
            lambda database: [(bytes(one["digest"]), _session(one)) for one in database.query(_GOOD, row)]
        )


def _session(row: Mapping[str, Any]) -> Session:
    return Session(
        id=row["id"],
        key_id=row["key_id"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
        secure=bool(row["secure"]),
        exclusive=bool(row["exclusive"]),
        address=row["address"],
    )
