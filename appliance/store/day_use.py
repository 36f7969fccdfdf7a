"""What was used since a moment, as limits per day count it."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.people import Caller
from appliance.domain.rates import DayUse
from appliance.store.reader import Reader

_USED: Final = """
SELECT person_id, key_id, project_id, model_id, count(*) AS requests,
    sum(prompt_tokens + completion_tokens) AS tokens
FROM usage WHERE started_ms >= :since_ms
GROUP BY person_id, key_id, project_id, model_id
"""


class DayUseTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def since(self, since_ms: int) -> Sequence[DayUse]:
        """By person, key, project and model. What is held has used what was marked of it."""
        rows = await self._reader.run(
            lambda database: list(database.query(_USED, {"since_ms": since_ms})),
        )
        return [
            DayUse(
                holder=Caller(row["key_id"], row["person_id"], row["project_id"]).holder,
                key=row["key_id"],
                project=row["project_id"],
                model=row["model_id"].partition("@")[0],
                requests=row["requests"],
                tokens=row["tokens"],
            )
            for row in rows
        ]
