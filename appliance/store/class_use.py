"""What the seats of a class used with every key that they had. Old rows are sums of a day; both count."""

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.classes import SeatUse
from appliance.store.reader import Reader

# Not of the view of both, which would be read whole.
_USED: Final = """
SELECT person, sum(requests) AS requests, sum(prompt_tokens) AS prompt_tokens,
    sum(completion_tokens) AS completion_tokens, sum(gflop) AS micro,
    min(started_ms) AS first_ms, max(started_ms) AS last_ms
FROM (
    SELECT class_key.person_id AS person, 1 AS requests, prompt_tokens, completion_tokens, gflop, started_ms
    FROM class_key CROSS JOIN usage ON usage.key_id = class_key.key_id
    WHERE class_id = :class AND outcome <> 'held'
    UNION ALL
    SELECT class_key.person_id, requests, prompt_tokens, completion_tokens, gflop, day_ms
    FROM class_key CROSS JOIN usage_day ON usage_day.key_id = class_key.key_id WHERE class_id = :class
) GROUP BY 1
"""
_REFUSED: Final = """
SELECT class_key.person_id AS person, sum(count) AS refused
FROM decision JOIN class_key ON class_key.key_id = decision.key_id
WHERE class_key.class_id = :class AND verdict = 'refused' AND minute_ms >= :since_ms GROUP BY 1
"""


class ClassUseTable:
    """Reads what the ledger and the log of decisions wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, class_id: str, since_ms: int) -> Mapping[str, SeatUse]:
        """By person, of those who used anything or were refused since the class was made."""
        return await self._reader.run(lambda database: _of(database, class_id, since_ms))

    async def used(self, class_id: str) -> Mapping[str, SeatUse]:
        """By person, of those who used anything; refusals are not counted, for which days would be read."""
        which = {"class": class_id}
        return await self._reader.run(
            lambda database: {row["person"]: _use(row) for row in database.query(_USED, which)}
        )


def _of(database: Database, class_id: str, since_ms: int) -> dict[str, SeatUse]:
    values = {"class": class_id, "since_ms": since_ms - since_ms % 60_000}
    used = {str(row["person"]): row for row in database.query(_USED, values)}
    refused = {str(row["person"]): int(row["refused"]) for row in database.query(_REFUSED, values)}
    found = {}
    for person in {*used, *refused}:
        row = used.get(person)
        count = refused.get(person, 0)
        found[person] = SeatUse(refused=count) if row is None else _use(row, refused=count)
    return found


def _use(row: Mapping[str, Any], *, refused: int = 0) -> SeatUse:
    return SeatUse(
        requests=row["requests"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        micro=row["micro"],
        first_ms=row["first_ms"],
        last_ms=row["last_ms"],
        refused=refused,
    )
