"""Reviewers' public keys, and content that is sealed to them. What a key opens stays when the key ends."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.samples import ReviewerKey, Sealed
from appliance.errors import NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO reviewer_key (id, label, public, added_by, added_ms)
VALUES (:id, :label, :public, :added_by, :added_ms)
ON CONFLICT (id) DO UPDATE SET label = excluded.label, added_by = excluded.added_by,
    added_ms = excluded.added_ms, ended_ms = NULL
"""
_END: Final = "UPDATE reviewer_key SET ended_ms = coalesce(ended_ms, :now_ms) WHERE id = :id"
_OF: Final = "SELECT * FROM sealed WHERE owner = :owner AND until_ms > :now_ms ORDER BY key_id"
_EXPIRE: Final = "DELETE FROM sealed WHERE until_ms <= :now_ms"
_FORGET: Final = """
DELETE FROM sealed WHERE owner IN (
    SELECT sample.id FROM sample JOIN usage ON usage.request_id = sample.request_id
    WHERE :holder IN (usage.person_id, usage.key_id)
    UNION SELECT id FROM report WHERE :holder IN (holder, person_id)
)
"""


class SealedTable:
    """Nothing in it can be read on the box."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add_key(self, key: ReviewerKey) -> None:
        """Remember it, or let one that has ended count again."""
        row = {
            "id": key.id,
            "label": key.label,
            "public": key.public,
            "added_by": key.added_by,
            "added_ms": key.added_ms,
        }
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def end_key(self, key_id: str, now_ms: int) -> None:
        """Nothing more is sealed to it. Raises ``NotFound``."""
        row = {"id": key_id, "now_ms": now_ms}
        if not await self._writer.run(lambda database: database.execute(_END, row).rowcount):
            raise NotFound("There is no such key; see `carrel sample keys`.", param="id")

    async def keys(self) -> Sequence[ReviewerKey]:
        """Every one, those that have ended too, oldest first."""
        rows = await self._reader.run(
            lambda database: list(database.query("SELECT * FROM reviewer_key ORDER BY added_ms, id"))
        )
        return [_key(row) for row in rows]

    async def of(self, owner: str, now_ms: int) -> Sequence[Sealed]:
        """What is sealed of a sample or a report, once for each key."""
        row = {"owner": owner, "now_ms": now_ms}
        rows = await self._reader.run(lambda database: list(database.query(_OF, row)))
        return [Sealed(one["owner"], one["key_id"], one["jwe"], one["until_ms"]) for one in rows]

    async def expire(self, now_ms: int) -> int:
        """Delete what has had its time. Returns how many."""
        row = {"now_ms": now_ms}
        return await self._writer.run(lambda database: int(database.execute(_EXPIRE, row).rowcount))

    async def forget(self, holder: str) -> int:
        """Delete whatever is sealed of one person, or of one key. Returns how many."""
        row = {"holder": holder}
        return await self._writer.run(lambda database: int(database.execute(_FORGET, row).rowcount))


def _key(row: Mapping[str, Any]) -> ReviewerKey:
    return ReviewerKey(
        id=row["id"],
        label=row["label"],
        public=row["public"],
        added_by=row["added_by"],
        added_ms=row["added_ms"],
        ended_ms=row["ended_ms"],
    )
