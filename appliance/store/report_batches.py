"""The chain of batches that were made of tallies, their records, and what the registry has acknowledged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.reporting import Chain, MadeBatch, MadeRecord, ReportMark
from appliance.errors import Conflict
from appliance.store.federation import put_row
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_CHAIN: Final = "SELECT * FROM report_chain WHERE box = :box"
_LAST: Final = """
SELECT * FROM report_batch WHERE box = :box AND replaced = 0 ORDER BY epoch DESC, seq DESC LIMIT 1
"""
_BATCHES: Final = """
SELECT * FROM report_batch WHERE box = :box AND replaced = 0 ORDER BY epoch, seq
"""
_BROKEN_OFF: Final = "SELECT broken_off FROM report_part WHERE part = :part"
_KNOWN: Final = "SELECT 1 FROM report_batch WHERE jti = :jti AND replaced = 0"
_ONE: Final = "SELECT * FROM report_batch WHERE box = :box AND epoch = :epoch AND seq = :seq"
_INSERT: Final = """
INSERT INTO report_batch (
    box, epoch, seq, digest, prev, jti, token, part, day, leaves, merkle_root, made_ms, acked_ms
) VALUES (
    :box, :epoch, :seq, :digest, :prev, :jti, :token, :part, :day, :leaves, :merkle_root, :made_ms, :acked_ms
)
"""
_RECORD: Final = """
INSERT INTO report_record (id, line, part, day, same, record)
VALUES (:id, (SELECT coalesce(max(line), 0) + 1 FROM report_record), :part, :day, :same, :record)
"""
_STAMP: Final = "UPDATE report_part SET batched_ms = :now_ms WHERE part = :part AND batched_ms IS NULL"
_PUT_CHAIN: Final = """
INSERT INTO report_chain (
    box, epoch, prev, acked_epoch, acked_seq, acked_iat, asked_ms, begun_day, begun
) VALUES (
    :box, :epoch, :prev, :acked_epoch, :acked_seq, :acked_iat, :asked_ms, :begun_day, :begun
) ON CONFLICT (box) DO UPDATE SET
    epoch = excluded.epoch, prev = excluded.prev, acked_epoch = excluded.acked_epoch,
    acked_seq = excluded.acked_seq, acked_iat = excluded.acked_iat, asked_ms = excluded.asked_ms,
    begun_day = excluded.begun_day, begun = excluded.begun
"""
_ACK: Final = """
UPDATE report_batch SET acked_ms = :now_ms
WHERE box = :box AND (epoch, seq) <= (:epoch, :seq) AND acked_ms IS NULL AND replaced = 0
"""
_UNACK: Final = """
UPDATE report_batch SET acked_ms = NULL WHERE box = :box AND (epoch, seq) > (:epoch, :seq) AND replaced = 0
"""
_REPLACE: Final = "UPDATE report_batch SET replaced = 1 WHERE jti = :jti"
_OPEN: Final = """
SELECT * FROM report_batch WHERE box = :box AND acked_ms IS NULL AND replaced = 0 AND token <> ''
ORDER BY epoch, seq
"""
_WAITING: Final = """
SELECT count(*) FROM federation_outbox
WHERE state = 'waiting' AND id IN (SELECT value FROM json_each(:jtis))
"""
_OUT: Final = "DELETE FROM federation_outbox WHERE id IN (SELECT value FROM json_each(:jtis))"
_TAKE_BACK: Final = "DELETE FROM federation_outbox WHERE id = :jti AND state <> 'done'"
_SETTLE: Final = """
UPDATE federation_outbox SET state = 'done', problem = '', done_ms = :now_ms
WHERE state <> 'done' AND id IN (SELECT jti FROM report_batch WHERE box = :box AND acked_ms IS NOT NULL)
"""
_DROP: Final = "DELETE FROM report_record WHERE part = :part"
_MARK: Final = "INSERT INTO report_mark (at_ms, what, sentence) VALUES (:at_ms, :what, :sentence)"
_MARKS: Final = "SELECT at_ms, what, sentence FROM report_mark ORDER BY seq DESC LIMIT :limit"
_FEWER_MARKS: Final = "DELETE FROM report_mark WHERE seq <= (SELECT max(seq) - 100 FROM report_mark)"
_FORGET: Final = """
UPDATE report_batch SET token = ''
WHERE token <> '' AND iif(replaced, made_ms, acked_ms) < :before_ms AND EXISTS (
    SELECT 1 FROM report_batch AS later WHERE later.box = report_batch.box AND later.replaced = 0
        AND (later.epoch, later.seq) > (report_batch.epoch, report_batch.seq)
)
"""
_RECORDS: Final = """
SELECT id, part, day, same, record FROM report_record
WHERE day >= :first AND day <= :last AND line > :after ORDER BY line LIMIT :limit
"""
_RECORDS_OF: Final = "SELECT id, part, day, same, record FROM report_record WHERE part = :part ORDER BY line"
_FIRST_OF_DAY: Final = "SELECT same, id FROM report_record WHERE day = :day ORDER BY line DESC"


class ReportBatchTable:
    """Of one box at a time: ``box`` is the id under which it is enrolled."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def chain(self, box: str) -> Chain:
        """Where it stands."""
        return await self._reader.run(lambda database: _chain(database, box))

    async def batches(self, box: str) -> Sequence[MadeBatch]:
        """Those that may still be offered, in order."""
        return await self._reader.run(
            lambda database: [_batch(row) for row in database.query(_BATCHES, {"box": box})]
        )

    async def find(self, box: str, epoch: int, seq: int) -> MadeBatch | None:
        """One of them, whatever became of it."""
        row = {"box": box, "epoch": epoch, "seq": seq}
        return await self._reader.run(
            lambda database: next((_batch(one) for one in database.query(_ONE, row)), None)
        )

    async def counts(self, jti: str) -> bool:
        """Whether a message is a batch that has not been replaced."""
        return await self._reader.run(
            lambda database: database.execute(_KNOWN, {"jti": jti}).fetchone() is not None
        )

    async def broken_off(self, part: int) -> bool:
        """Whether a part ended because the gateway did, and not with its day."""

        def query(database: Database) -> bool:
            row = database.execute(_BROKEN_OFF, {"part": part}).fetchone()
            return row is not None and bool(row[0])

        return await self._reader.run(query)

    async def add(self, chain: Chain, made: Sequence[MadeBatch], records: Sequence[MadeRecord]) -> None:
        """Batches of one part with their records, stamped and put into the outbox, all in one commit. Raises
        ``Conflict`` where the chain is not any more what they follow, or the part was reported.
        """

        def job(database: Database) -> None:
            _check(database, chain)
            stamp = {"now_ms": made[0].made_ms, "part": made[0].part}
            if database.execute(_STAMP, stamp).rowcount != 1:
                raise Conflict("This day is in a report already.")
            _put_chain(database, chain)
            for batch in made:
                _insert(database, batch)
            for record in records:
                database.execute(_RECORD, asdict(record))

        await self._writer.run(job)

    async def skip(self, part: int, now_ms: int) -> None:
        """A part in which nothing is, is in no report."""
        await self._writer.run(lambda database: database.execute(_STAMP, {"now_ms": now_ms, "part": part}))

    async def begin(
        self,
        old: Chain,
        new: Chain,
        made: Sequence[MadeBatch],
        replaced: Sequence[MadeBatch],
        mark: ReportMark,
    ) -> None:
        """A new epoch: ``made`` in the place of ``replaced``; records of parts that are in it no more are
        forgotten. Raises ``Conflict``.
        """
        dropped = {one.part for one in replaced} - {one.part for one in made}

        def job(database: Database) -> None:
            _check(database, old)
            for one in replaced:
                database.execute(_REPLACE, {"jti": one.jti})
                database.execute(_TAKE_BACK, {"jti": one.jti})
            for part in dropped:
                database.execute(_DROP, {"part": part})
            _put_chain(database, new)
            for batch in made:
                _insert(database, batch)
            _mark(database, mark)

        await self._writer.run(job)

    async def acknowledged(self, chain: Chain, mark: ReportMark | None, now_ms: int) -> None:
        """``chain`` says up to where; what comes after waits to be sent, whether or not it was before."""
        reached = {"box": chain.box, "epoch": chain.acked_epoch, "seq": chain.acked_seq, "now_ms": now_ms}

        def job(database: Database) -> None:
            _put_chain(database, chain)
            database.execute(_ACK, reached)
            database.execute(_UNACK, reached)
            database.execute(_SETTLE, reached)
            _offer(database, [_batch(row) for row in database.query(_OPEN, {"box": chain.box})])
            if mark is not None:
                _mark(database, mark)

        await self._writer.run(job)

    async def put_chain(self, chain: Chain) -> None:
        """As it stands now."""
        await self._writer.run(lambda database: _put_chain(database, chain))

    async def mark(self, mark: ReportMark) -> None:
        """For a person."""
        await self._writer.run(lambda database: _mark(database, mark))

    async def marks(self, limit: int = 20) -> Sequence[ReportMark]:
        """The newest first."""
        return await self._reader.run(
            lambda database: [ReportMark(**row) for row in database.query(_MARKS, {"limit": limit})]
        )

    async def first_of_day(self, day: int) -> Mapping[str, str]:
        """The id of the first record about each thing, by what it is about."""
        return await self._reader.run(
            lambda database: {row["same"]: row["id"] for row in database.query(_FIRST_OF_DAY, {"day": day})}
        )

    async def records_of(self, part: int) -> Sequence[MadeRecord]:
        """Of one part."""
        return await self._reader.run(
            lambda database: [MadeRecord(**row) for row in database.query(_RECORDS_OF, {"part": part})]
        )

    async def records(self, first: int, last: int) -> Sequence[MadeRecord]:
        """Of these days, in the order in which they were made."""
        row = {"first": first, "last": last, "after": 0, "limit": -1}
        return await self._reader.run(
            lambda database: [MadeRecord(**one) for one in database.query(_RECORDS, row)]
        )

    async def forget(self, before_ms: int) -> int:
        """Tokens of batches that were acknowledged or replaced before. Returns how many."""
        row = {"before_ms": before_ms}
        return await self._writer.run(lambda database: int(database.execute(_FORGET, row).rowcount))


def _chain(database: Database, box: str) -> Chain:
    row = next(iter(database.query(_CHAIN, {"box": box})), None)
    last = next((_batch(one) for one in database.query(_LAST, {"box": box})), None)
    return replace(Chain(box) if row is None else Chain(**row), last=last)


def _check(database: Database, chain: Chain) -> None:
    now = _chain(database, chain.box)
    if (now.epoch, now.head, now.next_seq) != (chain.epoch, chain.head, chain.next_seq):
        raise Conflict("The chain of reports has grown meanwhile. Try again.")


def _offer(database: Database, batches: Sequence[MadeBatch]) -> None:
    """In their order; nothing changes where all of them wait."""
    jtis = {"jtis": json.dumps([one.jti for one in batches])}
    if database.execute(_WAITING, jtis).fetchone()[0] == len(batches):
        return
    database.execute(_OUT, jtis)
    for batch in batches:
        put_row(database, **_message(batch))


def _put_chain(database: Database, chain: Chain) -> None:
    row = {name: value for name, value in asdict(chain).items() if name != "last"}
    database.execute(_PUT_CHAIN, row)


def _insert(database: Database, batch: MadeBatch) -> None:
    database.execute(_INSERT, asdict(batch))
    message = _message(batch)
    put_row(database, **message)


def _message(batch: MadeBatch) -> dict[str, Any]:
    return {
        "id": batch.jti,
        "kind": "usage-batch+jws",
        "token": batch.token,
        "summary": f"usage report {batch.epoch}/{batch.seq}",
        "made_ms": batch.made_ms,
    }


def _mark(database: Database, mark: ReportMark) -> None:
    database.execute(_MARK, asdict(mark))
    database.execute(_FEWER_MARKS)


def _batch(row: Mapping[str, Any]) -> MadeBatch:
    return MadeBatch(**{name: value for name, value in row.items() if name != "replaced"})
