"""Rows of alerts: what was told to whoever runs the box, or why not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.alerts import Alert, AlertLevel, Sign
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_KEEP: Final = """
INSERT INTO alert (id, kind, subject, level, says, next_step, times, first_ms, last_ms, told, state, why,
    ended_ms)
VALUES (:id, :kind, :subject, :level, :says, :next_step, :times, :first_ms, :last_ms, :told, :state, :why,
    :ended_ms)
ON CONFLICT (id) DO UPDATE SET times = excluded.times, last_ms = excluded.last_ms, told = excluded.told,
    state = excluded.state, why = excluded.why, ended_ms = excluded.ended_ms
"""
_WAITING: Final = "SELECT * FROM alert WHERE state = 'waiting' ORDER BY first_ms, id LIMIT 256"
_RECENT: Final = "SELECT * FROM alert ORDER BY last_ms DESC, id LIMIT :limit"
_EXPIRE: Final = "DELETE FROM alert WHERE last_ms < :before_ms"


class AlertTable:
    """Keeps, lists and forgets."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep(self, alert: Alert) -> None:
        """A new one, or as it stands now."""
        sign = alert.sign
        row = {
            "id": alert.id,
            "kind": sign.kind,
            "subject": sign.subject,
            "level": sign.level.value,
            "says": sign.says,
            "next_step": sign.next_step,
            "times": alert.times,
            "first_ms": alert.first_ms,
            "last_ms": alert.last_ms,
            "told": alert.told,
            "state": alert.state,
            "why": alert.why,
            "ended_ms": alert.ended_ms,
        }
        await self._writer.run(lambda database: database.execute(_KEEP, row).rowcount)

    async def waiting(self) -> Sequence[Alert]:
        """Those that were not told yet, oldest first."""
        return await self._reader.run(lambda database: [_alert(row) for row in database.query(_WAITING)])

    async def recent(self, limit: int) -> Sequence[Alert]:
        """The newest first."""
        row = {"limit": limit}
        return await self._reader.run(lambda database: [_alert(one) for one in database.query(_RECENT, row)])

    async def expire(self, before_ms: int) -> int:
        """Forget those that were seen last before. Returns how many."""
        row = {"before_ms": before_ms}
        return await self._writer.run(lambda database: int(database.execute(_EXPIRE, row).rowcount))


def _alert(row: Mapping[str, Any]) -> Alert:
    sign = Sign(row["kind"], row["subject"], AlertLevel(row["level"]), row["says"], row["next_step"])
    return Alert(
        id=row["id"],
        sign=sign,
        times=row["times"],
        first_ms=row["first_ms"],
        last_ms=row["last_ms"],
        told=row["told"],
        state=row["state"],
        why=row["why"],
        ended_ms=row["ended_ms"],
    )
