"""Sums over settled usage rows, for reports and statements. Each statement goes by an index of its own, so
that one project's or one person's sums read only their rows. Old rows are sums of a day; both count.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.people import Caller
from appliance.domain.usage import Grouping, HolderSum, Meters, UsageFilter, UsageSum
from appliance.store.reader import Reader

_METERS: Final = """
    sum(requests) AS requests,
    sum(prompt_tokens) AS prompt_tokens,
    sum(cached_tokens) AS cached_tokens,
    sum(completion_tokens) AS completion_tokens,
    sum(gpu_ms) AS gpu_ms,
    sum(wall_ms) AS wall_ms,
    sum(gflop) AS gflop,
    sum(energy_mj) AS energy_mj,
    sum(money_micro) AS money_micro
"""
_NAMES: Final[Mapping[Grouping, str]] = {
    Grouping.MODEL: "model_id",
    Grouping.PROJECT: "project_id",
    Grouping.PERSON: "person_id",
    Grouping.KEY: "key_id",
    Grouping.DAY: "date(started_ms / 1000, 'unixepoch')",
    Grouping.HOUR: "strftime('%Y-%m-%d %H:00', started_ms / 1000, 'unixepoch')",
}
# In this order: whoever asks for one person asks for few rows.
_BY_KEY: Final = "key_id = :key AND (:project IS NULL OR +project_id = :project)"
_BY_PERSON: Final = "person_id = :person AND (:project IS NULL OR +project_id = :project)"
_BY_PROJECT: Final = "project_id = :project"
_SUMS: Final = """
SELECT NAME AS name, METERS FROM usage_settled
WHERE FILTER AND started_ms >= :since_ms AND started_ms < :until_ms AND outcome <> 'held'
    AND (:model IS NULL OR substr(model_id, 1, instr(model_id || '@', '@') - 1) = :model)
GROUP BY 1 ORDER BY 1
"""
_HOLDERS: Final = """
SELECT model_id, project_id, iif(person_id = 'default', key_id, person_id) AS holder, METERS
FROM usage_settled
WHERE started_ms >= :since_ms AND started_ms < :until_ms AND outcome <> 'held'
GROUP BY 1, 2, 3
""".replace("METERS", _METERS)  # nosec B608 - nothing of it comes from outside
_EVER_MS: Final = 2**62


class UsageTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def sums(self, *, by: Grouping, since_ms: int, project_id: str | None = None) -> Sequence[UsageSum]:
        """One sum a group, ordered by name, over requests that started at ``since_ms`` or later."""
        return await self.filtered(by, UsageFilter(since_ms, project_id=project_id))

    async def filtered(self, by: Grouping, which: UsageFilter) -> Sequence[UsageSum]:
        """One sum a group, ordered by name."""
        sql, values = _statement(by, which)
        return await self._reader.run(
            lambda database: [_sum(row, row["name"]) for row in database.query(sql, values)]
        )

    async def own_sums(self, caller: Caller, since_ms: int) -> Sequence[UsageSum]:
        """By model, of this caller alone: the person in this project, or the key where it is of nobody."""
        return await self.filtered(Grouping.MODEL, _own(caller, since_ms))

    async def own_days(self, caller: Caller, since_ms: int) -> Sequence[UsageSum]:
        """By UTC day, such as ``2026-10-01``, of the same."""
        return await self.filtered(Grouping.DAY, _own(caller, since_ms))

    async def by_holder(self, since_ms: int, until_ms: int) -> Sequence[HolderSum]:
        """One sum for each model, project and who is treated as one person."""
        values = {"since_ms": since_ms, "until_ms": until_ms}
        return await self._reader.run(
            lambda database: [
                HolderSum(row["model_id"], row["project_id"], row["holder"], _sum(row, row["model_id"]))
                for row in database.query(_HOLDERS, values)
            ]
        )


def _own(caller: Caller, since_ms: int) -> UsageFilter:
    if caller.holder == caller.key_id:
        return UsageFilter(since_ms, key_id=caller.key_id)
    return UsageFilter(since_ms, project_id=caller.project_id, person_id=caller.person_id)


def _statement(by: Grouping, which: UsageFilter) -> tuple[str, dict[str, object]]:
    if which.key_id is not None:
        rows = _BY_KEY
    elif which.person_id is not None:
        rows = _BY_PERSON
    else:
        rows = "1" if which.project_id is None else _BY_PROJECT
    # Only constants of this file are put together; what comes from outside is a parameter.
    sql = _SUMS.replace("NAME", _NAMES[by], 1).replace("METERS", _METERS).replace("FILTER", rows)
    return sql, {
        "since_ms": which.since_ms,
        "until_ms": _EVER_MS if which.until_ms is None else which.until_ms,
        "project": which.project_id,
        "person": which.person_id,
        "key": which.key_id,
        "model": which.model,
    }


def _sum(row: Mapping[str, Any], name: str) -> UsageSum:
    meters = Meters(
        prompt_tokens=row["prompt_tokens"],
        cached_tokens=row["cached_tokens"],
        completion_tokens=row["completion_tokens"],
        gpu_ms=row["gpu_ms"],
        wall_ms=row["wall_ms"],
        gflop=row["gflop"],
        energy_mj=row["energy_mj"],
        money_micro=row["money_micro"],
    )
    return UsageSum(group=name, requests=row["requests"], meters=meters)
