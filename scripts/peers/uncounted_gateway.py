"""A gateway whose ledger writes nothing, to measure what the ledger costs. Takes the recipes' folder."""

import asyncio
import sys
from pathlib import Path

from appliance.config import from_process
from appliance.domain.clock import Clock
from appliance.store.store import Store
from appliance.wiring import gateway
from appliance.wiring.running import run_gateway


class NoLedger:
    """Keeps the ``Ledger`` port and no record."""

    async def reserve(self, hold: object) -> None: ...

    async def mark(self, marks: object) -> None: ...

    async def settle(self, request_id: str, outcome: object, meters: object) -> None: ...

    async def sweep(self) -> int:
        return 0


class UncountedStore(Store):
    """A store with that ledger and all else as it is."""

    @classmethod
    def open(cls, path: Path, clock: Clock) -> "UncountedStore":
        store = super().open(path, clock)
        store.ledger = NoLedger()
        return store


gateway.Store = UncountedStore
asyncio.run(run_gateway(from_process({}), recipes=Path(sys.argv[1])))
