"""Downloads of model files: one of each model, the last. Where their bytes are the blob store knows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.download import Download, DownloadState
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_FORGET_OTHERS: Final = "DELETE FROM download WHERE model_id = :model AND id <> :id"
_PUT: Final = """
INSERT INTO download (
    id, model_id, recipe_revision, state, total_bytes, verified_bytes, fetched_bytes, source, reason, error,
    dropped, sha256s, created_ms, updated_ms
) VALUES (
    :id, :model, :revision, :state, :total_bytes, :verified_bytes, :fetched_bytes, :source, :reason, :error,
    :dropped, :sha256s, :created_ms, :updated_ms
)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state,
    verified_bytes = max(verified_bytes, excluded.verified_bytes),
    fetched_bytes = max(fetched_bytes, excluded.fetched_bytes),
    source = excluded.source,
    reason = excluded.reason,
    error = excluded.error,
    dropped = excluded.dropped,
    updated_ms = excluded.updated_ms
"""
_ALL: Final = "SELECT * FROM download ORDER BY seq"
_REMOVE: Final = "DELETE FROM download WHERE id = :id"


class DownloadTable:
    """What was verified and fetched never goes back, whatever is put."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, download: Download) -> None:
        """Remember it as it stands now. Another one of the same model is forgotten."""
        row = _row(download)

        def job(database: Database) -> None:
            database.execute(_FORGET_OTHERS, {"model": row["model"], "id": row["id"]})
            database.execute(_PUT, row)

        await self._writer.run(job)

    async def remove(self, download_id: str) -> None:
        """Forget it."""
        await self._writer.run(lambda database: database.execute(_REMOVE, {"id": download_id}).rowcount)

    async def all(self) -> Sequence[Download]:
        """Every one, the oldest first."""
        return await self._reader.run(lambda database: [_download(row) for row in database.query(_ALL)])


def _row(download: Download) -> dict[str, str | int]:
    return {
        "id": download.id,
        "model": download.model,
        "revision": download.revision,
        "state": download.state,
        "total_bytes": download.total_bytes,
        "verified_bytes": download.verified_bytes,
        "fetched_bytes": download.fetched_bytes,
        "source": download.source,
        "reason": download.reason,
        "error": download.error,
        "dropped": json.dumps(download.dropped),
        "sha256s": json.dumps(download.sha256s),
        "created_ms": download.created_ms,
        "updated_ms": download.updated_ms,
    }


def _download(row: Mapping[str, Any]) -> Download:
    return Download(
        id=row["id"],
        model=row["model_id"],
        revision=row["recipe_revision"],
        state=DownloadState(row["state"]),
        total_bytes=row["total_bytes"],
        verified_bytes=row["verified_bytes"],
        fetched_bytes=row["fetched_bytes"],
        source=row["source"],
        reason=row["reason"],
        error=row["error"],
        dropped=tuple(json.loads(row["dropped"])),
        sha256s=tuple(json.loads(row["sha256s"])),
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
    )
