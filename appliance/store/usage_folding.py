"""Turns the rows of old requests into sums of a day. What anybody spent stays what it was.

``usage_settled`` shows both as one; a request that was refunded stays a row, since its refund points to it.
"""

import json
from typing import Final

from sqlite_utils import Database

from appliance.store.writer import Writer

_OVER: Final = """
SELECT seq FROM usage
WHERE started_ms < :before_ms AND outcome <> 'held'
    AND NOT EXISTS (SELECT 1 FROM adjustment WHERE adjustment.request_id = usage.request_id)
ORDER BY started_ms LIMIT :limit
"""
_ADD: Final = """
INSERT INTO usage_day (
    day_ms, project_id, person_id, key_id, model_id, kind, outcome, flop_method, requests,
    prompt_tokens, cached_tokens, completion_tokens, gpu_ms, wall_ms, gflop, energy_mj, money_micro
)
SELECT started_ms - started_ms % 86400000, project_id, person_id, key_id, model_id, kind, outcome,
    flop_method, count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(gpu_ms),
    sum(wall_ms), sum(gflop), sum(energy_mj), sum(money_micro)
FROM usage WHERE seq IN (SELECT value FROM json_each(:seqs))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    gpu_ms = gpu_ms + excluded.gpu_ms,
    wall_ms = wall_ms + excluded.wall_ms,
    gflop = gflop + excluded.gflop,
    energy_mj = coalesce(energy_mj + excluded.energy_mj, energy_mj, excluded.energy_mj),
    money_micro = coalesce(money_micro + excluded.money_micro, money_micro, excluded.money_micro)
"""
_REMOVE: Final = "DELETE FROM usage WHERE seq IN (SELECT value FROM json_each(:seqs))"


class UsageFolding:
    """Works in steps, each a commit."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def fold(self, before_ms: int, limit: int) -> int:
        """At most so many of the oldest rows of requests that began before. Returns how many."""

        def job(database: Database) -> int:
            found = database.query(_OVER, {"before_ms": before_ms, "limit": limit})
            seqs = {"seqs": json.dumps([row["seq"] for row in found])}
            database.execute(_ADD, seqs)
            return int(database.execute(_REMOVE, seqs).rowcount)

        return await self._writer.run(job)
