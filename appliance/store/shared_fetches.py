"""Which boxes fetched which of this lab's models, by day; a box is known by its key, and is nobody."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.sharing import FetchedShare
from appliance.store.reader import Reader
from appliance.store.writer import Writer

MOST_TOLD: Final = 1000
_ADD: Final = """
INSERT INTO shared_fetch (model, box, day, requests, size_bytes)
VALUES (:model, :box, :day, :requests, :size_bytes)
ON CONFLICT (model, day, box) DO UPDATE SET
    requests = requests + excluded.requests, size_bytes = size_bytes + excluded.size_bytes
"""
_OF: Final = "SELECT * FROM shared_fetch WHERE model = :model ORDER BY day DESC, box LIMIT :most"


class SharedFetchTable:
    """Raises ``StorageUnavailable`` where the disk refuses."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, one: FetchedShare) -> None:
        """So much more."""
        row = {
            "model": one.model,
            "box": one.box,
            "day": one.day,
            "requests": one.requests,
            "size_bytes": one.size_bytes,
        }
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def of(self, model: str) -> Sequence[FetchedShare]:
        """The newest days first."""
        asked = {"model": model, "most": MOST_TOLD}
        return await self._reader.run(
            lambda database: [FetchedShare(**row) for row in database.query(_OF, asked)]
        )
