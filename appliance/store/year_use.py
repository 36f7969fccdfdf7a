"""What projects have used since a time of their own, by model. What is only held has used nothing yet."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.domain.duties import ModelUse
from appliance.store.reader import Reader

_SUMS: Final = """
SELECT project_id, model_id, kind, sum(gflop) AS gflop FROM (
    SELECT usage.project_id, usage.model_id, usage.kind, usage.gflop
    FROM json_each(:since_ms) AS year
    CROSS JOIN usage ON usage.project_id = year.key AND usage.started_ms >= year.value
        UNION ALL
    SELECT usage_day.project_id, usage_day.model_id, usage_day.kind, usage_day.gflop
    FROM json_each(:since_ms) AS year
    CROSS JOIN usage_day ON usage_day.project_id = year.key AND usage_day.day_ms >= year.value
) GROUP BY project_id, model_id, kind
"""


class YearUseTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def sums(self, since_ms: Mapping[str, int]) -> Sequence[ModelUse]:
        """Of each project that is named, from the time that stands beside it on."""
        row = {"since_ms": msgspec.json.encode(since_ms).decode()}
        return await self._reader.run(
            lambda database: [
                ModelUse(found["project_id"], found["model_id"], found["gflop"], found["kind"])
                for found in database.query(_SUMS, row)
            ]
        )
