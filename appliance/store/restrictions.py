"""Versions of restrictions. They are added and never changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_NEXT: Final = """
SELECT coalesce(max(version), 0) + 1 AS version FROM restriction WHERE kind = :kind AND name = :name
"""
_INSERT: Final = """
INSERT INTO restriction (kind, name, version, limits, why, set_by, since_ms, removed)
VALUES (:kind, :name, :version, :limits, :why, :set_by, :since_ms, :removed)
"""
_LATEST: Final = """
SELECT * FROM restriction AS one WHERE version = (
    SELECT max(version) FROM restriction WHERE kind = one.kind AND name = one.name
) ORDER BY kind, name
"""
_HISTORY: Final = "SELECT * FROM restriction WHERE kind = :kind AND name = :name ORDER BY version DESC"
_decoder: Final = msgspec.json.Decoder(Limits)


class RestrictionTable:
    """Adds and lists them."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(
        self, scope: Scope, limits: Limits, *, why: str, by: str, now_ms: int, removed: bool = False
    ) -> Restriction:
        """The next version for this scope."""

        def job(database: Database) -> Restriction:
            where = {"kind": scope.kind, "name": scope.name}
            (found,) = database.query(_NEXT, where)
            made = Restriction(scope, found["version"], limits, why, by, now_ms, removed)
            row = {
                **where,
                "version": made.version,
                "limits": msgspec.json.encode(limits).decode(),
                "why": why,
                "set_by": by,
                "since_ms": now_ms,
                "removed": removed,
            }
            database.execute(_INSERT, row)
            return made

        return await self._writer.run(job)

    async def latest(self) -> Sequence[Restriction]:
        """The last version for each scope, those that were removed too."""
        return await self._reader.run(lambda database: [_restriction(row) for row in database.query(_LATEST)])

    async def history(self, scope: Scope) -> Sequence[Restriction]:
        """All versions for a scope, the newest first."""
        where = {"kind": scope.kind, "name": scope.name}
        return await self._reader.run(
            lambda database: [_restriction(row) for row in database.query(_HISTORY, where)]
        )


def _restriction(row: Mapping[str, Any]) -> Restriction:
    return Restriction(
        scope=Scope(row["kind"], row["name"]),
        version=row["version"],
        limits=_decoder.decode(row["limits"]),
        why=row["why"],
        by=row["set_by"],
        since_ms=row["since_ms"],
        removed=bool(row["removed"]),
    )
