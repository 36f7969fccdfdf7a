"""Rows of batches and of their answered lines.

A batch is changed by a pure step on the row as it stands, inside one transaction, so that two changes at
once cannot undo each other. Counts are changed by ``batch_lines`` alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.batches import OVER, Batch, BatchFault, BatchStatus, LineAnswer, LineCounts
from appliance.domain.files import StoredFile
from appliance.domain.people import Caller, Owner
from appliance.errors import NotFound
from appliance.store.batch_lines import keep_line, line_of
from appliance.store.files import insert_file
from appliance.store.reader import Reader
from appliance.store.writer import Writer

Step = Callable[[Batch], Batch]
"""A change of one batch; raises what refuses it."""

_INSERT: Final = """
INSERT INTO batch (
    id, holder, key_id, person_id, project_id, endpoint, input_file_id, completion_window, metadata, status,
    ending, created_ms, expires_ms, faults
) VALUES (
    :id, :holder, :key_id, :person_id, :project_id, :endpoint, :input_file_id, :completion_window, :metadata,
    :status, :ending, :created_ms, :expires_ms, :faults
)
"""
_CHANGE: Final = """
UPDATE batch SET
    status = :status, ending = :ending, total = :total, in_progress_ms = :in_progress_ms,
    finalizing_ms = :finalizing_ms, cancelling_ms = :cancelling_ms, ended_ms = :ended_ms,
    paused_ms = :paused_ms, expires_ms = :expires_ms,
    output_file_id = :output_file_id, error_file_id = :error_file_id, faults = :faults
WHERE id = :id
"""
_ONE: Final = "SELECT * FROM batch WHERE id = :id"
_PAGE: Final = """
SELECT * FROM batch
WHERE holder = :holder AND project_id = :project AND (:after IS NULL OR seq < :after)
ORDER BY seq DESC LIMIT :limit
"""
_ALL: Final = "SELECT * FROM batch ORDER BY seq"
_NEWEST: Final = "SELECT * FROM batch ORDER BY ended_ms IS NOT NULL, seq DESC LIMIT :limit"
_COUNT: Final = "SELECT COUNT(*) AS count FROM batch"
_DONE: Final = "SELECT line FROM batch_line WHERE batch_id = :batch"
_LINES: Final = """
SELECT * FROM batch_line WHERE batch_id = :batch AND line > :after ORDER BY line LIMIT :limit
"""


class BatchTable:
    """Adds, lists and changes batches, and keeps the answers of their lines."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, batch: Batch) -> None:
        """Remember a new batch."""
        row = _row(batch)
        await self._writer.run(lambda database: _execute(database, row))

    async def get(self, owner: Owner, batch_id: str) -> Batch:
        """One batch. Raises ``NotFound``, for another owner's too."""
        return await self._reader.run(lambda database: _batch(_one(database, batch_id, owner)))

    async def page(self, owner: Owner, *, after: str | None, limit: int) -> Sequence[Batch]:
        """Batches of one owner, newest first, those older than ``after``. Raises ``NotFound``."""

        def query(database: Database) -> Sequence[Batch]:
            behind = None if after is None else _one(database, after, owner)["seq"]
            row = {"holder": owner.holder, "project": owner.project_id, "after": behind, "limit": limit}
            return [_batch(found) for found in database.query(_PAGE, row)]

        return await self._reader.run(query)

    async def unfinished(self) -> Sequence[Batch]:
        """Every batch that is not over, oldest first."""
        return await self._reader.run(
            lambda database: [
                _batch(row) for row in database.query(_ALL) if BatchStatus(row["status"]) not in OVER
            ]
        )

    async def all(self, limit: int) -> tuple[Sequence[Batch], int]:
        """Those that are not over first, the newest of each first; and how many there are in all."""

        def query(database: Database) -> tuple[Sequence[Batch], int]:
            found = [_batch(row) for row in database.query(_NEWEST, {"limit": limit})]
            return found, next(database.query(_COUNT))["count"]

        return await self._reader.run(query)

    async def change(self, batch_id: str, step: Step) -> Batch:
        """Carry out a step; returns the batch after it. Raises ``NotFound``, and what the step raises."""
        return await self._writer.run(lambda database: _changed(database, batch_id, step))

    async def finish(self, batch_id: str, step: Step, files: Sequence[StoredFile]) -> Batch:
        """The last step: with it its files are remembered and its lines forgotten."""

        def job(database: Database) -> Batch:
            for file in files:
                insert_file(database, file)
            database.execute("DELETE FROM batch_line WHERE batch_id = :batch", {"batch": batch_id})
            return _changed(database, batch_id, step)

        return await self._writer.run(job)

    async def keep(self, answer: LineAnswer) -> None:
        """The end of a line that cost nothing, such as one that could not be read."""
        await self._writer.run(lambda database: keep_line(database, answer))

    async def done(self, batch_id: str) -> frozenset[int]:
        """The lines that have their end."""
        row = {"batch": batch_id}
        return await self._reader.run(
            lambda database: frozenset(one["line"] for one in database.query(_DONE, row))
        )

    async def lines(self, batch_id: str, *, after: int, limit: int) -> Sequence[LineAnswer]:
        """Answers in the order of their lines, those behind the line ``after``."""
        row = {"batch": batch_id, "after": after, "limit": limit}
        return await self._reader.run(
            lambda database: [line_of(found) for found in database.query(_LINES, row)]
        )


def _execute(database: Database, row: Mapping[str, object]) -> None:
    database.execute(_INSERT, row)


def _changed(database: Database, batch_id: str, step: Step) -> Batch:
    changed = step(_batch(_one(database, batch_id)))
    database.execute(_CHANGE, _row(changed))
    return changed


def _one(database: Database, batch_id: str, owner: Owner | None = None) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = list(database.query(_ONE, {"id": batch_id}))
    if not rows or owner not in {None, Owner(rows[0]["holder"], rows[0]["project_id"])}:
        raise NotFound(
            "You have no batch of this id; GET /v1/batches lists those you have.", param="batch_id"
        )
    return rows[0]


def _row(batch: Batch) -> dict[str, str | int | None]:
    return {
        "id": batch.id,
        "holder": batch.caller.holder,
        "key_id": batch.caller.key_id,
        "person_id": batch.caller.person_id,
        "project_id": batch.caller.project_id,
        "endpoint": batch.endpoint,
        "input_file_id": batch.input_file_id,
        "completion_window": batch.completion_window,
        "metadata": msgspec.json.encode(batch.metadata).decode(),
        "status": batch.status.value,
        "ending": batch.ending.value,
        "total": batch.counts.total,
        "created_ms": batch.created_ms,
        "expires_ms": batch.expires_ms,
        "in_progress_ms": batch.in_progress_ms,
        "finalizing_ms": batch.finalizing_ms,
        "cancelling_ms": batch.cancelling_ms,
        "ended_ms": batch.ended_ms,
        "paused_ms": batch.paused_ms,
        "output_file_id": batch.output_file_id,
        "error_file_id": batch.error_file_id,
        "faults": msgspec.json.encode(batch.faults).decode(),
    }


def _batch(row: Mapping[str, Any]) -> Batch:
    return Batch(
        id=row["id"],
        caller=Caller(row["key_id"], row["person_id"], row["project_id"]),
        endpoint=row["endpoint"],
        input_file_id=row["input_file_id"],
        completion_window=row["completion_window"],
        metadata=msgspec.json.decode(row["metadata"], type=tuple[tuple[str, str], ...]),
        status=BatchStatus(row["status"]),
        ending=BatchStatus(row["ending"]),
        counts=LineCounts(row["total"], row["completed"], row["failed"]),
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
        in_progress_ms=row["in_progress_ms"],
        finalizing_ms=row["finalizing_ms"],
        cancelling_ms=row["cancelling_ms"],
        ended_ms=row["ended_ms"],
        paused_ms=row["paused_ms"],
        output_file_id=row["output_file_id"],
        error_file_id=row["error_file_id"],
        faults=msgspec.json.decode(row["faults"], type=tuple[BatchFault, ...]),
    )
