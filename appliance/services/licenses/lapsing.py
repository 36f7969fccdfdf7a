"""Ends what runs when a lease lets it run no longer. New requests are refused anyway, from memory.

A lapsed lease lets what runs finish, for ``FINISH_S`` at most, or ends it at once where the license wants
that. A suspended one ends it at once and leaves the model where it is; so does one that was taken back, and
there ``Revoking`` goes on. What comes to be allowed again is started, as after a restart.
"""

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.license import Lease
from appliance.domain.recipe import Recipe
from appliance.errors import CarrelError
from appliance.services.licenses import words
from appliance.services.licenses.ports import Catalog, Service

EVERY_S: Final = 30.0
FINISH_S: Final = 4 * 3600
"""So long what runs may go on after a lapse."""
_SERVES: Final = frozenset({"valid", "grace", "clock-suspect"})


class Leases(Protocol):
    """The registry's permissions."""

    def of(self, model: str) -> Lease | None:
        """As it stands now."""
        ...

    def ends_ms(self, model: str) -> int | None:
        """When the last of a model's leases lapses."""
        ...


class Models(Protocol):
    """Those that should run."""

    async def start_wanted(self, recipe_id: str) -> None:
        """Start what of a model should run and does not."""
        ...


class Revoking(Protocol):
    """What becomes of a model's files."""

    async def carry_out(self, recipe: Recipe) -> None:
        """Its lease was taken back. Raises ``CarrelError``; it is asked again then."""
        ...

    async def undo(self, recipe: Recipe) -> None:
        """It has a lease again. Raises as ``carry_out``."""
        ...


class Lapsing:
    """Looks every half a minute, when a lease or a status list comes, and at the very moment at which a lease
    lapses.
    """

    def __init__(
        self,
        catalog: Catalog,
        leases: Leases,
        service: Service,
        clock: Clock,
        *,
        models: Models | None = None,
        revoking: Revoking | None = None,
    ) -> None:
        self._catalog = catalog
        self._leases = leases
        self._service = service
        self._clock = clock
        self._models = models
        self._revoking = revoking
        self._woken = asyncio.Event()
        self._checked = asyncio.Event()
        self._served: dict[str, bool] = {}

    def check(self) -> float:
        """End what may run no longer; answers in how many seconds to look again."""
        return min((self._check(one) for one in self._leased()), default=EVERY_S)

    async def act(self) -> None:
        """What takes longer: files of what was taken back, then models that may run again."""
        states = {one.id: lease.state if (lease := self._leases.of(one.id)) else "" for one in self._leased()}
        for recipe in sorted(self._leased(), key=lambda one: states.get(one.id) != "revoked"):
            with suppress(CarrelError):  # looked at again in half a minute
                await self._act_on(recipe, states.get(recipe.id, ""))

    def wake(self) -> None:
        """Something came: look again now."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. Nothing that takes long holds up the end of what may run no longer."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._end())
            both.create_task(self._act())

    async def _end(self) -> None:
        while True:
            wait_s = self.check()
            self._checked.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait_s)
            self._woken.clear()

    async def _act(self) -> None:
        while True:
            await self._checked.wait()
            self._checked.clear()
            await self.act()

    def _leased(self) -> list[Recipe]:
        return [one for one in self._catalog.recipes if one.terms.lease]

    def _check(self, recipe: Recipe) -> float:
        lease, ends_ms = self._leases.of(recipe.id), self._leases.ends_ms(recipe.id)
        state = None if lease is None else lease.state
        if state == "suspended":
            self._service.end_requests(recipe.id, words.lease_suspended(recipe.id))
        elif state == "revoked":
            self._service.end_requests(recipe.id, words.lease_revoked(recipe.id))
        if ends_ms is None or state in {"suspended", "revoked"}:
            return EVERY_S
        stops_ms = ends_ms + (0 if recipe.terms.on_lapse == "stop" else FINISH_S * 1000)
        left_s = (stops_ms - self._clock.now_ms()) / 1000
        if left_s > 0:
            return min(EVERY_S, left_s)
        if state == "lapsed":
            self._service.end_requests(recipe.id, words.lease_lapsed(recipe.id))
        return EVERY_S

    async def _act_on(self, recipe: Recipe, state: str) -> None:
        serves = state in _SERVES
        if serves:
            await self._serve_again(recipe)
        elif state == "revoked" and self._revoking is not None:
            await self._revoking.carry_out(recipe)
        self._served[recipe.id] = serves

    async def _serve_again(self, recipe: Recipe) -> None:
        """At the first look too: the process may have ended between a lease and its effect."""
        if self._revoking is not None and not self._served.get(recipe.id):
            await self._revoking.undo(recipe)
        if self._models is not None and self._served.get(recipe.id) is False:
            await self._models.start_wanted(recipe.id)
