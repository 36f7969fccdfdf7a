"""What the registry has asked to be shown of usage reports, and how that was decided."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.reporting import SpotRequest
from appliance.errors import Conflict
from appliance.store.federation import put_row
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO report_check (id, epoch, seq, leaves, reason, came_ms)
VALUES (:id, :epoch, :seq, :leaves, :reason, :came_ms) ON CONFLICT (id) DO NOTHING
"""
_DECIDE: Final = """
UPDATE report_check SET state = :state, why = :why, decided_ms = :decided_ms
WHERE id = :id AND state = 'open'
"""
_ALL: Final = """
SELECT * FROM report_check WHERE :id IS NULL OR id = :id ORDER BY came_ms DESC, id LIMIT :limit
"""


class ReportCheckTable:
    """Whoever calls decides; the store keeps."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, check: SpotRequest) -> bool:
        """The first of an id counts. Returns whether it is new."""
        row = {
            "id": check.id,
            "epoch": check.epoch,
            "seq": check.seq,
            "leaves": json.dumps(check.leaves),
            "reason": check.reason,
            "came_ms": check.came_ms,
        }
        return await self._writer.run(lambda database: bool(database.execute(_ADD, row).rowcount))

    async def find(self, id: str) -> SpotRequest | None:
        """One of them."""
        return next(iter(await self._read(id, 1)), None)

    async def all(self, limit: int = 100) -> Sequence[SpotRequest]:
        """The newest first."""
        return await self._read(None, limit)

    async def decide(self, check: SpotRequest, token: str, jti: str) -> None:
        """How it was decided, with the answer, in one commit with the outbox. Raises ``Conflict`` where that
        was done before.
        """
        row = {"id": check.id, "state": check.state, "why": check.why, "decided_ms": check.decided_ms}

        def job(database: Database) -> None:
            if database.execute(_DECIDE, row).rowcount == 0:
                raise Conflict("This was decided before; `carrel fed checks` shows how.")
            put_row(
                database,
                id=jti,
                kind="check-answer+jws",
                token=token,
                made_ms=check.decided_ms or 0,
                summary=f"answer to {check.id}",
            )

        await self._writer.run(job)

    async def _read(self, id: str | None, limit: int) -> Sequence[SpotRequest]:
        row = {"id": id, "limit": limit}
        return await self._reader.run(lambda database: [_check(one) for one in database.query(_ALL, row)])


def _check(row: Mapping[str, Any]) -> SpotRequest:
    return SpotRequest(**{**row, "leaves": tuple(json.loads(row["leaves"]))})
