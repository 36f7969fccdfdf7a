"""Rows of what waits to leave the box for its registry, in order, and of what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.federation import OutboxCount, OutboxRow
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUT: Final = """
INSERT INTO federation_outbox (id, kind, token, summary, made_ms)
VALUES (:id, :kind, :token, :summary, :made_ms)
ON CONFLICT (id) DO NOTHING
"""
_COLUMNS: Final = "seq, id, kind, token, summary, made_ms, state, tries, problem, done_ms"
_WAITING: Final = f"""
SELECT {_COLUMNS} FROM federation_outbox WHERE state = 'waiting' AND seq > :after ORDER BY seq LIMIT :limit
"""  # noqa: S608 - our own columns  # nosec B608
_ONE: Final = f"SELECT {_COLUMNS} FROM federation_outbox WHERE id = :id"  # noqa: S608 - the same  # nosec B608
_REFUSED: Final = f"""
SELECT {_COLUMNS} FROM federation_outbox WHERE state = 'refused' ORDER BY seq LIMIT :limit
"""  # noqa: S608 - the same  # nosec B608
_COUNTS: Final = """
SELECT kind, state, count(*) AS count, min(made_ms) AS oldest_ms FROM federation_outbox
WHERE state <> 'done' GROUP BY kind, state ORDER BY kind, state
"""
_OF_KIND: Final = "SELECT count(*) FROM federation_outbox WHERE state = 'waiting' AND kind = :kind"
_TRIED: Final = "UPDATE federation_outbox SET tries = tries + 1 WHERE id = :id AND state = 'waiting'"
_DONE: Final = """
UPDATE federation_outbox SET state = 'done', problem = '', done_ms = :now_ms
WHERE id = :id AND state <> 'done'
"""
_REFUSE: Final = """
UPDATE federation_outbox SET state = 'refused', problem = :problem, done_ms = :now_ms
WHERE id = :id AND state = 'waiting'
"""
_AGAIN: Final = """
UPDATE federation_outbox SET state = 'waiting', problem = '', done_ms = 0 WHERE id = :id AND state = 'refused'
"""
_DROP: Final = "DELETE FROM federation_outbox WHERE id = :id AND state = 'refused'"
_WITHDRAW: Final = "DELETE FROM federation_outbox WHERE state = 'waiting' AND kind = :kind"
_FORGET: Final = "DELETE FROM federation_outbox WHERE state = 'done' AND done_ms < :before_ms"


def put_row(database: Database, *, id: str, kind: str, token: str, made_ms: int, summary: str = "") -> None:
    """Put a signed message into the outbox, within a writer's job. The first of an id counts."""
    database.execute(
        _PUT, {"id": id, "kind": kind, "token": token, "summary": summary[:200], "made_ms": made_ms}
    )


class OutboxTable:
    """Puts, lists and settles."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, *, id: str, kind: str, token: str, made_ms: int, summary: str = "") -> None:
        """The first of an id counts. Raises ``StorageUnavailable``."""
        await self._writer.run(
            lambda database: put_row(
                database, id=id, kind=kind, token=token, made_ms=made_ms, summary=summary
            )
        )

    async def waiting(self, *, after: int = 0, limit: int = 16) -> Sequence[OutboxRow]:
        """The next ones behind the row ``after``, in order."""
        return await self._rows(_WAITING, {"after": after, "limit": limit})

    async def refused(self, limit: int = 100) -> Sequence[OutboxRow]:
        """Those that the registry does not take."""
        return await self._rows(_REFUSED, {"limit": limit})

    async def find(self, id: str) -> OutboxRow | None:
        """In whatever state."""
        return next(iter(await self._rows(_ONE, {"id": id})), None)

    async def counts(self) -> Sequence[OutboxCount]:
        """Of what is not done."""
        return await self._reader.run(
            lambda database: [OutboxCount(**row) for row in database.query(_COUNTS)]
        )

    async def count_waiting(self, kind: str) -> int:
        """How many of a kind wait."""
        return await self._reader.run(
            lambda database: int(database.execute(_OF_KIND, {"kind": kind}).fetchone()[0])
        )

    async def tried(self, id: str) -> None:
        """It was sent, and no answer to it counts yet."""
        await self._change(_TRIED, {"id": id})

    async def done(self, id: str, now_ms: int) -> None:
        """It was answered."""
        await self._change(_DONE, {"id": id, "now_ms": now_ms})

    async def refuse(self, id: str, problem: str, now_ms: int) -> None:
        """The registry does not take it."""
        await self._change(_REFUSE, {"id": id, "problem": problem[:64], "now_ms": now_ms})

    async def again(self, id: str) -> bool:
        """A refused one waits again. Returns whether there was one."""
        return await self._change(_AGAIN, {"id": id}) > 0

    async def drop(self, id: str) -> bool:
        """A refused one is forgotten. Returns whether there was one."""
        return await self._change(_DROP, {"id": id}) > 0

    async def withdraw(self, kind: str) -> None:
        """Those of a kind that wait are not sent."""
        await self._change(_WITHDRAW, {"kind": kind})

    async def forget(self, before_ms: int) -> int:
        """Those that were done before. Returns how many."""
        return await self._change(_FORGET, {"before_ms": before_ms})

    async def _change(self, statement: str, row: Mapping[str, object]) -> int:
        return await self._writer.run(lambda database: int(database.execute(statement, row).rowcount))

    async def _rows(self, query: str, row: Mapping[str, object]) -> Sequence[OutboxRow]:
        return await self._reader.run(lambda database: [_row(one) for one in database.query(query, row)])


def _row(row: Mapping[str, Any]) -> OutboxRow:
    return OutboxRow(**row)
