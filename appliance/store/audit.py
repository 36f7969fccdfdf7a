"""Rows of the audit log. They are added and read; nothing here changes one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.audit import NO_HASH, AuditedAct, AuditOutcome, AuditRow
from appliance.store.reader import Reader
from appliance.store.writer import Writer

# As blobs: a damaged row must come as far as the chain, which says which one it is.
_ROW: Final = """
SELECT seq, at_ms, CAST(actor AS BLOB) AS actor, CAST(permission AS BLOB) AS permission,
    CAST(origin AS BLOB) AS origin, CAST(action AS BLOB) AS action, CAST(arguments AS BLOB) AS arguments,
    outcomes, CAST(outcomes_hash AS BLOB) AS outcomes_hash, CAST(prev_hash AS BLOB) AS prev_hash,
    CAST(hash AS BLOB) AS hash
FROM audit
"""
_OUTCOME: Final = """
SELECT number, seq, at_ms, CAST(outcome AS BLOB) AS outcome, CAST(prev_hash AS BLOB) AS prev_hash,
    CAST(hash AS BLOB) AS hash
FROM audit_outcome
"""
_LAST_ROW: Final = f"{_ROW} ORDER BY seq DESC LIMIT 1"
_LAST_OUTCOME: Final = f"{_OUTCOME} ORDER BY number DESC LIMIT 1"
_ROWS_AFTER: Final = f"{_ROW} WHERE seq > :after ORDER BY seq LIMIT :limit"
_OUTCOMES_AFTER: Final = f"{_OUTCOME} WHERE number > :after AND number <= :last ORDER BY number LIMIT :limit"
_FOUND: Final = f"""
{_ROW}
WHERE (:action IS NULL OR audit.action = :action) AND (:actor IS NULL OR audit.actor = :actor)
    AND at_ms >= :since_ms
ORDER BY audit.seq DESC LIMIT :limit
"""
_OUTCOMES_OF: Final = f"{_OUTCOME} WHERE seq BETWEEN :first AND :last"
_INSERT_ROW: Final = """
INSERT INTO audit VALUES
    (:seq, :at_ms, :actor, :permission, :origin, :action, :arguments,
     :outcomes, :outcomes_hash, :prev_hash, :hash)
"""
_INSERT_OUTCOME: Final = (
    "INSERT INTO audit_outcome VALUES (:number, :seq, :at_ms, :outcome, :prev_hash, :hash)"
)

Last = tuple[AuditRow | None, AuditOutcome | None]
"""The last row and the last outcome."""


class AuditTable:
    """Adds to the log, and reads it."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def last(self) -> Last:
        """Where the log stands."""
        return await self._reader.run(_last)

    async def add(self, make: Callable[[Last], AuditRow]) -> AuditRow:
        """Add the row that ``make`` joins to what is last."""

        def job(database: Database) -> AuditRow:
            row = make(_last(database))
            database.execute(_INSERT_ROW, _fields(row))
            return row

        return await self._writer.run(job)

    async def note(self, make: Callable[[Last], AuditOutcome]) -> AuditOutcome:
        """Add the outcome that ``make`` joins to what is last."""

        def job(database: Database) -> AuditOutcome:
            outcome = make(_last(database))
            database.execute(_INSERT_OUTCOME, _fields(outcome))
            return outcome

        return await self._writer.run(job)

    async def rows_after(self, seq: int, limit: int) -> Sequence[AuditRow]:
        """At most so many behind row ``seq``, oldest first."""
        given = {"after": seq, "limit": limit}
        return await self._reader.run(
            lambda database: [_row(one) for one in database.query(_ROWS_AFTER, given)]
        )

    async def outcomes_after(self, number: int, last: int, limit: int) -> Sequence[AuditOutcome]:
        """At most so many behind outcome ``number``, to ``last``, oldest first."""
        given = {"after": number, "last": last, "limit": limit}
        return await self._reader.run(
            lambda database: [_outcome(one) for one in database.query(_OUTCOMES_AFTER, given)]
        )

    async def outcomes_of(self, first: int, last: int) -> Sequence[AuditOutcome]:
        """Of the acts of these rows."""
        span = {"first": first, "last": last}
        return await self._reader.run(
            lambda database: [_outcome(one) for one in database.query(_OUTCOMES_OF, span)]
        )

    async def newest(
        self, *, action: str | None, actor: str | None, since_ms: int, limit: int
    ) -> Sequence[AuditedAct]:
        """At most so many that fit, newest first."""
        given = {"action": action, "actor": actor, "since_ms": since_ms, "limit": limit}
        return await self._reader.run(lambda database: _found(database, given))


def _last(database: Database) -> Last:
    rows = [_row(one) for one in database.query(_LAST_ROW)]
    outcomes = [_outcome(one) for one in database.query(_LAST_OUTCOME)]
    return (rows[0] if rows else None), (outcomes[0] if outcomes else None)


def _fields(record: AuditRow | AuditOutcome) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _found(database: Database, given: Mapping[str, object]) -> list[AuditedAct]:
    rows = [_row(one) for one in database.query(_FOUND, given)]
    span = {"first": rows[-1].seq, "last": rows[0].seq} if rows else {"first": 0, "last": -1}
    ended = {one["seq"]: _text(one["outcome"]) for one in database.query(_OUTCOMES_OF, span)}
    return [AuditedAct(row, ended.get(row.seq)) for row in rows]


def _row(row: Mapping[str, Any]) -> AuditRow:
    return AuditRow(
        seq=_number(row["seq"]),
        at_ms=_number(row["at_ms"]),
        actor=_text(row["actor"]),
        permission=_text(row["permission"]),
        origin=_text(row["origin"]),
        action=_text(row["action"]),
        arguments=_text(row["arguments"]),
        outcomes=_number(row["outcomes"]),
        outcomes_hash=_text(row["outcomes_hash"]),
        prev_hash=_text(row["prev_hash"]),
        hash=_text(row["hash"]),
    )


def _outcome(row: Mapping[str, Any]) -> AuditOutcome:
    return AuditOutcome(
        number=_number(row["number"]),
        seq=_number(row["seq"]),
        at_ms=_number(row["at_ms"]),
        outcome=_text(row["outcome"]),
        prev_hash=_text(row["prev_hash"]),
        hash=_text(row["hash"]),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _text(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else NO_HASH
