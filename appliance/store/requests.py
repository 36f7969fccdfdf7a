"""One row of the ledger, by the id of its request."""

from typing import Final

from appliance.domain.usage import Meters, RequestRow
from appliance.store.reader import Reader

_ONE: Final = """
SELECT key_id, person_id, project_id, model_id, op, outcome, started_ms, ended_ms, prompt_tokens,
    cached_tokens, completion_tokens, gpu_ms, wall_ms, gflop
FROM usage WHERE request_id = :id
"""


class RequestTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, request_id: str) -> RequestRow | None:
        """None where nothing was reserved for it, or its row was summed up since."""
        rows = await self._reader.run(lambda database: list(database.query(_ONE, {"id": request_id})))
        if not rows:
            return None
        row = rows[0]
        meters = Meters(
            prompt_tokens=row["prompt_tokens"],
            cached_tokens=row["cached_tokens"],
            completion_tokens=row["completion_tokens"],
            gpu_ms=row["gpu_ms"],
            wall_ms=row["wall_ms"],
            gflop=row["gflop"],
        )
        return RequestRow(
            request_id=request_id,
            key_id=row["key_id"],
            person_id=row["person_id"],
            project_id=row["project_id"],
            model_id=row["model_id"],
            op=row["op"],
            outcome=row["outcome"],
            started_ms=row["started_ms"],
            ended_ms=row["ended_ms"],
            meters=meters,
        )
