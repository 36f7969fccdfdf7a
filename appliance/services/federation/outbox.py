"""What waits to leave: the outbox as parts of the box put messages into it."""

from typing import Protocol

from appliance.services.federation.ports import Outgoing


class Rows(Protocol):
    """Where messages are kept."""

    async def put(self, *, id: str, kind: str, token: str, made_ms: int, summary: str = "") -> None:
        """The first of an id counts."""
        ...

    async def count_waiting(self, kind: str) -> int:
        """How many of a kind wait."""
        ...


class KeptOutbox:
    """On the disk before it is acknowledged."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, message: Outgoing) -> None:
        """The first of an id counts. Raises ``StorageUnavailable``."""
        await self._rows.put(
            id=message.id,
            kind=message.kind,
            token=message.token,
            made_ms=message.made_ms,
            summary=message.summary,
        )

    async def waiting(self, kind: str) -> int:
        """How many of a kind wait."""
        return await self._rows.count_waiting(kind)
