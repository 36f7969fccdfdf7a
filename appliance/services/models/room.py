"""A place on this machine for a model that is to run; where there is none, idle models are stopped for it.

What is decided is in ``making_room`` and in ``policy.placement``; this looks at the machine and does it.
"""

from collections.abc import Awaitable, Callable, Sequence

from appliance.domain.hardware import Inventory
from appliance.policy.placement import PlannedForm, ReplicaPlacement, divides_by_layers
from appliance.services.models.making_room import Occupant, Stop, Tenant, decide, without
from appliance.services.models.occupants import occupant_of
from appliance.services.models.ports import Machine
from appliance.services.models.running import RunningModel


class Room:
    """``residents`` are the models that run, ``idle`` tells whether one may be stopped, ``stop`` does it."""

    def __init__(
        self,
        machine: Machine,
        *,
        residents: Callable[[], Sequence[RunningModel]],
        idle: Callable[[RunningModel], bool],
        stop: Callable[[RunningModel, str], Awaitable[None]],
    ) -> None:
        self._machine = machine
        self._residents = residents
        self._idle = idle
        self._stop = stop

    async def check(self, tenant: Tenant, *, replacing: RunningModel | None = None) -> None:
        """Refuse early what cannot fit, before anything is stopped or read. Raises ``DoesNotFit``.

        ``replacing`` will have been stopped by then.
        """
        inventory = await self._machine.inventory()
        if tenant.form is None or not _planned(tenant, inventory):
            return
        others = self._others(tenant, inventory)
        if replacing is not None:
            inventory = without(inventory, [occupant_of(replacing, inventory, idle=True)])
        decide(tenant, tenant.form, inventory, others)

    async def take(
        self, tenant: Tenant, form: PlannedForm, *, may_stop: bool = True
    ) -> tuple[ReplicaPlacement, ...]:
        """Places for all replicas, after idle models were stopped where that was needed; empty where nothing
        is planned: no GPU, and a recipe for llama.cpp that does not say what it needs, which is little more
        than its file. Raises ``DoesNotFit``.
        """
        while True:
            inventory = await self._machine.inventory()
            if not _planned(tenant, inventory) and divides_by_layers(form.engine):
                return ()
            others = self._others(tenant, inventory, may_stop=may_stop)
            decision = decide(tenant, form, inventory, others)
            if not isinstance(decision, Stop):
                return decision
            await self._stop_for(tenant, decision)

    async def _stop_for(self, tenant: Tenant, decision: Stop) -> None:
        for one in self._residents():
            # A request may have come for it while another one was being stopped.
            if one.id in decision.models and self._idle(one):
                await self._stop(one, f"It was stopped to make room for {tenant.id}.")

    def _others(self, tenant: Tenant, inventory: Inventory, *, may_stop: bool = True) -> list[Occupant]:
        return [
            occupant_of(one, inventory, idle=may_stop and self._idle(one))
            for one in self._residents()
            if one.id != tenant.id
        ]


def _planned(tenant: Tenant, inventory: Inventory) -> bool:
    return tenant.form is not None or bool(inventory.gpus) or bool(tenant.wishes.gpus)
