"""Ends what runs when a lease lapses, where the license wants that. New requests are refused anyway."""

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.license import Lease
from appliance.services.licenses import words
from appliance.services.licenses.ports import Catalog, Service

EVERY_S: Final = 30.0


class Leases(Protocol):
    """The registry's permissions."""

    def of(self, model: str) -> Lease | None:
        """As it stands now."""
        ...

    def ends_ms(self, model: str) -> int | None:
        """When the last of a model's leases lapses."""
        ...


class Lapsing:
    """Looks every half a minute, when a lease comes, and at the very moment at which one lapses."""

    def __init__(self, catalog: Catalog, leases: Leases, service: Service, clock: Clock) -> None:
        self._catalog = catalog
        self._leases = leases
        self._service = service
        self._clock = clock
        self._woken = asyncio.Event()

    def check(self) -> float:
        """End what may run no longer; answers in how many seconds to look again."""
        now_ms = self._clock.now_ms()
        wait_s = EVERY_S
        for recipe in self._catalog.recipes:
            if not recipe.terms.lease or recipe.terms.on_lapse != "stop":
                continue
            lease, ends_ms = self._leases.of(recipe.id), self._leases.ends_ms(recipe.id)
            if lease is not None and lease.state == "lapsed":
                self._service.end_requests(recipe.id, words.lease_lapsed(recipe.id))
            elif ends_ms is not None and ends_ms > now_ms:
                wait_s = min(wait_s, (ends_ms - now_ms) / 1000)
        return wait_s

    def wake(self) -> None:
        """A lease came: look again now."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.check())
            self._woken.clear()
