"""The ledger with a clock beside it: how long its commits take, and how many there are."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from appliance.domain.batches import LineAnswer
from appliance.domain.clock import Clock
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.services.generation.ports import Ledger
from appliance.services.metrics.counting import Counting


class MeteredLedger:
    """Keeps the ``Ledger`` port, and does what the one below does."""

    def __init__(self, below: Ledger, counting: Counting, clock: Clock) -> None:
        self._below = below
        self._counting = counting
        self._clock = clock

    async def reserve(self, hold: Hold) -> None:
        """See ``generation.ports.Ledger``."""
        async with self._timed("reserve"):
            await self._below.reserve(hold)

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """See ``generation.ports.Ledger``."""
        async with self._timed("mark"):
            await self._below.mark(marks)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """See ``generation.ports.Ledger``."""
        async with self._timed("settle"):
            await self._below.settle(request_id, outcome, meters, kept)
        self._counting.committed(outcome)

    async def release(self, request_id: str) -> None:
        """See ``generation.ports.Ledger``."""
        async with self._timed("release"):
            await self._below.release(request_id)

    @asynccontextmanager
    async def _timed(self, what: str) -> AsyncIterator[None]:
        """Commits that failed count as well: a disk that refuses may take its time."""
        begun_s = self._clock.monotonic_s()
        try:
            yield
        finally:
            self._counting.commits[what].add(self._clock.monotonic_s() - begun_s)
