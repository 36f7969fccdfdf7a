"""The one row of what time it was at least, as far as a registry has signed it."""

from typing import Final

from appliance.domain.trusted_time import Kept
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_KEEP: Final = """
INSERT INTO trusted_time (id, floor_ms, signed_ms, reset_ms, boot, count_ms)
VALUES (1, :floor_ms, :signed_ms, :reset_ms, :boot, :count_ms)
ON CONFLICT (id) DO UPDATE SET floor_ms = excluded.floor_ms, signed_ms = excluded.signed_ms,
    reset_ms = excluded.reset_ms, boot = excluded.boot, count_ms = excluded.count_ms
"""
_READ: Final = "SELECT floor_ms, signed_ms, reset_ms, boot, count_ms FROM trusted_time"


class TrustedTimeTable:
    """What ``policy.trusted_time`` goes on from."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def read(self) -> Kept | None:
        """None: no time was ever signed."""
        return await self._reader.run(
            lambda database: next((Kept(**row) for row in database.query(_READ)), None)
        )

    async def keep(self, kept: Kept) -> None:
        """In place of what was known. Raises ``StorageUnavailable``."""
        row = {
            "floor_ms": kept.floor_ms,
            "signed_ms": kept.signed_ms,
            "reset_ms": kept.reset_ms,
            "boot": kept.boot,
            "count_ms": kept.count_ms,
        }
        await self._writer.run(lambda database: database.execute(_KEEP, row).rowcount)
