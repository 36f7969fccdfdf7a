"""After a model was loaded: what it really takes of memory, kept, and held against the plan."""

from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.hardware import Inventory
from appliance.domain.log import Log
from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.model import ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import CarrelError
from appliance.services.models.occupants import gpu_bytes_of
from appliance.services.models.ports import Machine, ReplicaProcess
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import ReplicaOrder


class Measurements(Protocol):
    """What was measured: survives a restart."""

    async def put(self, one: MemoryMeasurement) -> None:
        """Keep it, in place of the one before."""
        ...

    async def latest(self, model: str, revision: int) -> MemoryMeasurement | None:
        """The last one of this model in this revision of its recipe."""
        ...


class Scales:
    """Weighs models."""

    def __init__(self, measurements: Measurements, machine: Machine, clock: Clock, log: Log) -> None:
        self._measurements: Final = measurements
        self._machine: Final = machine
        self._clock: Final = clock
        self._log: Final = log

    async def known(self, recipe: Recipe, form: RecipeForm) -> MemoryMeasurement | None:
        """What was measured last of this form, in this revision."""
        return await self._measurements.latest(recipe.model_id(form), recipe.revision)

    async def weigh(self, model: RunningModel) -> None:
        """Measure one replica that is ready: all are alike. What goes wrong is logged: the model runs.

        Not one that is lent: it has a seat and a context that nobody else would ask for.
        """
        if model.lent:
            return
        pairs = zip(model.replicas, model.orders, strict=True)
        ready = [(replica, order) for replica, order in pairs if replica.state is ModelState.READY]
        if not ready:
            return
        try:
            found = measurement(model, *ready[0], await self._machine.inventory(), self._clock.now_ms())
            await self._measurements.put(found)
        except CarrelError as error:
            self._log.warning("memory_not_measured", model=model.id, reason=error.message)
            return
        if found.exceeds_plan():
            self._log.warning(
                "memory_exceeds_plan",
                model=found.model,
                planned_bytes=found.planned_bytes,
                held_bytes=found.held_bytes,
            )


def measurement(
    model: RunningModel, replica: ReplicaProcess, order: ReplicaOrder, machine: Inventory, now_ms: int
) -> MemoryMeasurement:
    """Of one replica, from what its engine, its process and the driver say."""
    facts = replica.facts
    return MemoryMeasurement(
        model=model.id,
        revision=model.recipe.revision,
        engine_build=facts.engine_build,
        precision=model.form.precision,
        gpus=order.gpus,
        planned_bytes=order.place.memory_bytes if order.place else 0,
        weight_bytes=facts.weight_bytes,
        cache_bytes=facts.cache_bytes,
        resident_bytes=replica.peak_bytes,
        gpu_bytes=sum(gpu_bytes_of([replica], machine).values()),
        measured_ms=now_ms,
    )
