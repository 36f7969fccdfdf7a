"""The lists that this lab's organization signed, as they were given to be sent; the newest one counts."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.sharing import SentList
from appliance.store.reader import Reader
from appliance.store.writer import Writer

KEPT: Final = 20
_ADD: Final = """
INSERT INTO organization_list (id, organization, version, expires_ms, metadata, files, sent_ms)
VALUES (:id, :organization, :version, :expires_ms, :metadata, :files, :sent_ms)
"""
_FORGET_OLD: Final = """
DELETE FROM organization_list
WHERE seq <= (SELECT seq FROM organization_list ORDER BY seq DESC LIMIT 1 OFFSET :kept)
"""
_QUEUED: Final = "UPDATE organization_list SET queued = 1 WHERE id = :id"
_REFUSED: Final = "UPDATE organization_list SET refused = :why WHERE id = :id"
_NEWEST: Final = "SELECT * FROM organization_list ORDER BY seq DESC LIMIT 1"


class OrganizationListTable:
    """Raises ``StorageUnavailable`` where the disk refuses."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, one: SentList) -> None:
        """It counts from now on."""
        row = _row(one)

        def job(database: Database) -> None:
            database.execute(_ADD, row)
            database.execute(_FORGET_OLD, {"kept": KEPT})

        await self._writer.run(job)

    async def queued(self, id: str) -> None:
        """It is in the outbox."""
        await self._writer.run(lambda database: database.execute(_QUEUED, {"id": id}).rowcount)

    async def refused(self, id: str, why: str) -> None:
        """The registry did not take it."""
        await self._writer.run(lambda database: database.execute(_REFUSED, {"id": id, "why": why}).rowcount)

    async def newest(self) -> SentList | None:
        """None before the first."""
        rows = await self._reader.run(lambda database: list(database.query(_NEWEST)))
        return _list(rows[0]) if rows else None


def _row(one: SentList) -> dict[str, str | int | bytes]:
    files = {path: base64.b64encode(data).decode() for path, data in one.files}
    return {
        "id": one.id,
        "organization": one.organization,
        "version": one.version,
        "expires_ms": one.expires_ms,
        "metadata": one.metadata,
        "files": msgspec.json.encode(files).decode(),
        "sent_ms": one.sent_ms,
    }


def _list(row: Mapping[str, Any]) -> SentList:
    files = msgspec.json.decode(row["files"], type=dict[str, str])
    return SentList(
        id=row["id"],
        organization=row["organization"],
        version=row["version"],
        expires_ms=row["expires_ms"],
        metadata=row["metadata"],
        files=tuple((path, base64.b64decode(data)) for path, data in files.items()),
        sent_ms=row["sent_ms"],
        queued=bool(row["queued"]),
        refused=row["refused"],
    )
