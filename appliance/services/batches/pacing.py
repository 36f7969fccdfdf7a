"""Commits of batch lines happen together, a few times a second.

A commit is an fsync, and one that runs holds up the next: lines that commit whenever they like keep the disk
busy with small commits, and each request that comes waits for the end of one. Nobody waits for a line, and
each beat takes all that have come by then into one commit.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from appliance.domain.batches import LineAnswer
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.services.generation.ports import Ledger

BEAT_S: Final = 0.1


class PacedLedger:
    """Keeps the ``Ledger`` port, and does what the one below does; for lines of batches at the next beat."""

    def __init__(self, below: Ledger, beat_s: float = BEAT_S) -> None:
        self._below = below
        self._beat_s = beat_s

    async def reserve(self, hold: Hold) -> None:
        """See ``generation.ports.Ledger``."""
        if hold.resumable:
            await self._beat()
        await self._below.reserve(hold)

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """See ``generation.ports.Ledger``."""
        await self._below.mark(marks)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """See ``generation.ports.Ledger``."""
        if kept is not None:
            await self._beat()
        await self._below.settle(request_id, outcome, meters, kept)

    async def release(self, request_id: str) -> None:
        """See ``generation.ports.Ledger``. What is released is a line's in any case."""
        await self._beat()
        await self._below.release(request_id)

    async def _beat(self) -> None:
        """Until the next one, which is the same for all."""
        if self._beat_s:
            await asyncio.sleep(self._beat_s - asyncio.get_running_loop().time() % self._beat_s)
