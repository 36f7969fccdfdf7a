"""Switches that outlive a restart."""

from appliance.domain.switched import Switched
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUT = """
INSERT INTO switch (name, is_on, since_ms, set_by) VALUES (:name, :is_on, :since_ms, :set_by)
ON CONFLICT (name) DO UPDATE SET is_on = :is_on, since_ms = :since_ms, set_by = :set_by
"""
_ONE = "SELECT is_on, since_ms, set_by FROM switch WHERE name = :name"


class SwitchTable:
    """One row a switch."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, name: str, switched: Switched) -> None:
        """In place of how it was. Raises ``StorageUnavailable``."""
        row = {
            "name": name,
            "is_on": int(switched.on),
            "since_ms": switched.since_ms,
            "set_by": switched.set_by,
        }
        await self._writer.run(lambda database: database.execute(_PUT, row).rowcount)

    async def of(self, name: str) -> Switched | None:
        """As it was set last; None where nobody ever did. Raises ``StorageUnavailable``."""
        rows = await self._reader.run(lambda database: list(database.query(_ONE, {"name": name})))
        found = rows[0] if rows else None
        return None if found is None else Switched(bool(found["is_on"]), found["since_ms"], found["set_by"])
