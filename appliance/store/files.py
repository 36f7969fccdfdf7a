"""Rows of files. Their contents lie beside the database, see ``shelf``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.files import Holdings, StoredFile
from appliance.domain.people import Owner
from appliance.errors import NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO file (id, holder, project_id, name, purpose, size_bytes, created_ms, expires_ms)
VALUES (:id, :holder, :project, :name, :purpose, :size_bytes, :created_ms, :expires_ms)
"""
_ONE: Final = "SELECT * FROM file WHERE id = :id AND holder = :holder AND project_id IN ('', :project)"
_PAGE: Final = """
SELECT * FROM file
WHERE holder = :holder AND project_id IN ('', :project) AND (:purpose IS NULL OR purpose = :purpose)
    AND (:after IS NULL OR CASE WHEN :down THEN seq < :after ELSE seq > :after END)
ORDER BY CASE WHEN :down THEN -seq ELSE seq END LIMIT :limit
"""
_SUM: Final = "SELECT count(*) AS files, total(size_bytes) AS size_bytes FROM file WHERE holder = :holder"
_DELETE: Final = "DELETE FROM file WHERE id = :id AND holder = :holder AND project_id IN ('', :project)"
_EXPIRED: Final = "SELECT id FROM file WHERE expires_ms <= :now_ms"
_FORGET: Final = "DELETE FROM file WHERE id = :id"


class FileTable:
    """Adds, lists and removes files. A file of another owner is one that is not there."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, file: StoredFile) -> None:
        """Remember a file whose content is on the shelf."""
        await self._writer.run(lambda database: insert_file(database, file))

    async def get(self, owner: Owner, file_id: str) -> StoredFile:
        """One file. Raises ``NotFound``."""
        return await self._reader.run(lambda database: _file(_one(database, owner, file_id)))

    async def page(
        self, owner: Owner, *, purpose: str | None, after: str | None, limit: int, newest_first: bool
    ) -> Sequence[StoredFile]:
        """Files of one owner, those behind the file ``after``. Raises ``NotFound`` for an unknown one."""

        def query(database: Database) -> Sequence[StoredFile]:
            behind = None if after is None else _one(database, owner, after)["seq"]
            row = {
                "holder": owner.holder,
                "project": owner.project_id,
                "purpose": purpose,
                "after": behind,
                "limit": limit,
                "down": newest_first,
            }
            return [_file(found) for found in database.query(_PAGE, row)]

        return await self._reader.run(query)

    async def holdings(self, holder: str) -> Holdings:
        """How much one holder has, in all projects together."""

        def query(database: Database) -> Holdings:
            row = next(iter(database.query(_SUM, {"holder": holder})))
            return Holdings(row["files"], int(row["size_bytes"]))

        return await self._reader.run(query)

    async def remove(self, owner: Owner, file_id: str) -> None:
        """Forget a file. Raises ``NotFound``."""
        row = _row_of(owner, file_id)

        def job(database: Database) -> None:
            if database.execute(_DELETE, row).rowcount == 0:
                raise _not_found()

        await self._writer.run(job)

    async def expire(self, now_ms: int, keep: Collection[str]) -> Sequence[str]:
        """Forget the files whose time is over, except those to ``keep``. Returns their ids."""

        def job(database: Database) -> Sequence[str]:
            found = [row["id"] for row in database.query(_EXPIRED, {"now_ms": now_ms})]
            over = [one for one in found if one not in keep]
            for one in over:
                database.execute(_FORGET, {"id": one})
            return over

        return await self._writer.run(job)

    async def ids(self) -> frozenset[str]:
        """Of every file there is."""
        return await self._reader.run(
            lambda database: frozenset(row["id"] for row in database.query("SELECT id FROM file"))
        )


def insert_file(database: Database, file: StoredFile) -> None:
    """Remember a file, inside a job."""
    row = {
        "id": file.id,
        "holder": file.holder,
        "project": file.project_id,
        "name": file.name,
        "purpose": file.purpose,
        "size_bytes": file.size_bytes,
        "created_ms": file.created_ms,
        "expires_ms": file.expires_ms,
    }
    database.execute(_INSERT, row)


def _row_of(owner: Owner, file_id: str) -> Mapping[str, str]:
    return {"id": file_id, "holder": owner.holder, "project": owner.project_id}


def _one(database: Database, owner: Owner, file_id: str) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = list(database.query(_ONE, _row_of(owner, file_id)))
    if not rows:
        raise _not_found()
    return rows[0]


def _not_found() -> NotFound:
    return NotFound("You have no file of this id; GET /v1/files lists those you have.", param="file_id")


def _file(row: Mapping[str, Any]) -> StoredFile:
    return StoredFile(
        id=row["id"],
        holder=row["holder"],
        name=row["name"],
        purpose=row["purpose"],
        size_bytes=row["size_bytes"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
        project_id=row["project_id"],
    )
