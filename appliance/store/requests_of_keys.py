"""Which requests some keys have paid for."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from appliance.store.reader import Reader

_PAID: Final = """
SELECT request_id FROM usage
WHERE key_id IN (SELECT value FROM json_each(:keys)) AND outcome <> 'held' AND gflop > 0 ORDER BY seq
"""


class RequestsOfKeys:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def paid(self, keys: Collection[str]) -> Sequence[str]:
        """Ids of settled requests that cost something, oldest first."""
        values = {"keys": json.dumps(sorted(keys))}
        return await self._reader.run(
            lambda database: [row["request_id"] for row in database.query(_PAID, values)]
        )
