"""Sums over settled usage rows, for reports."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.people import Caller
from appliance.domain.usage import Grouping, Meters, UsageSum
from appliance.store.reader import Reader

_SUMS: Final = """
SELECT
    CASE :by
        WHEN 'model' THEN model_id
        WHEN 'project' THEN project_id
        WHEN 'key' THEN key_id
        WHEN 'day' THEN date(started_ms / 1000, 'unixepoch')
    END AS name,
    count(*) AS requests,
    sum(prompt_tokens) AS prompt_tokens,
    sum(cached_tokens) AS cached_tokens,
    sum(completion_tokens) AS completion_tokens,
    sum(gpu_ms) AS gpu_ms,
    sum(wall_ms) AS wall_ms,
    sum(gflop) AS gflop
FROM usage
WHERE outcome <> 'held' AND started_ms >= :since_ms AND (:project IS NULL OR project_id = :project)
    AND (:key IS NULL OR key_id = :key) AND (:person IS NULL OR person_id = :person)
GROUP BY name ORDER BY name
"""


class UsageTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def sums(self, *, by: Grouping, since_ms: int, project_id: str | None = None) -> Sequence[UsageSum]:
        """One sum a group, ordered by name, over requests that started at ``since_ms`` or later."""
        return await self._sums(by, since_ms, project=project_id)

    async def own_sums(self, caller: Caller, since_ms: int) -> Sequence[UsageSum]:
        """The same by model, of this caller alone: the person, or the key while all share one person."""
        if caller.holder == caller.key_id:
            return await self._sums(Grouping.MODEL, since_ms, key=caller.key_id)
        return await self._sums(Grouping.MODEL, since_ms, person=caller.person_id)

    async def _sums(
        self,
        by: Grouping,
        since_ms: int,
        *,
        project: str | None = None,
        key: str | None = None,
        person: str | None = None,
    ) -> Sequence[UsageSum]:
        row = {"by": by.value, "since_ms": since_ms, "project": project, "key": key, "person": person}
        return await self._reader.run(lambda database: [_sum(found) for found in database.query(_SUMS, row)])


def _sum(row: Mapping[str, Any]) -> UsageSum:
    meters = Meters(
        prompt_tokens=row["prompt_tokens"],
        cached_tokens=row["cached_tokens"],
        completion_tokens=row["completion_tokens"],
        gpu_ms=row["gpu_ms"],
        wall_ms=row["wall_ms"],
        gflop=row["gflop"],
    )
    return UsageSum(group=row["name"], requests=row["requests"], meters=meters)
