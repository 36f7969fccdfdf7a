"""Starts one model: its files, its place on the machine, its processes."""

from pathlib import Path

from appliance.domain.model import ModelShapes
from appliance.domain.recipe import MemoryFacts
from appliance.errors import ModelNotFound
from appliance.policy.placement import facts_of
from appliance.services.models.making_room import Tenant
from appliance.services.models.ports import ProcessFactory, Weights
from appliance.services.models.room import Room
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import ReplicaOrder, engine_spec, orders, planner_wishes


class Launcher:
    """``threads`` are those of all replicas of a model together; ``gpu_layers`` is the box's setting."""

    def __init__(
        self, weights: Weights, factory: ProcessFactory, room: Room, *, threads: int, gpu_layers: int
    ) -> None:
        self._weights = weights
        self._factory = factory
        self._room = room
        self._threads = threads
        self._gpu_layers = gpu_layers

    def folder_of(self, model: RunningModel) -> Path:
        """Where its files are. Raises ``ModelNotFound``."""
        if model.recipe.draft:
            raise ModelNotFound(
                f"{model.id} is a draft: it can be planned for (`carrel model fit {model.id}`), and not run."
            )
        folder = self._weights.folder_of(model.recipe, model.form)
        if folder is None:
            raise ModelNotFound(f"The files of {model.id} are not on this box.")
        return folder

    async def check(self, model: RunningModel, *, replacing: RunningModel | None) -> None:
        """Refuse early what cannot be started. Raises ``ModelNotFound``, ``DoesNotFit``."""
        self.folder_of(model)
        await self._room.check(self._tenant(model), replacing=replacing)

    async def launch(self, model: RunningModel, *, may_stop: bool) -> None:
        """Return when it answers. ``may_stop``: idle models may be stopped to make room for it.

        Raises what ``RunningModel.start`` raises.
        """
        folder = self.folder_of(model)
        spec = engine_spec(
            model.recipe,
            model.form,
            folder,
            model.wishes,
            threads=self._threads,
            gpu_layers=self._gpu_layers,
        )

        async def place(shapes: ModelShapes) -> tuple[ReplicaOrder, ...]:
            tenant = self._tenant(model)
            facts = tenant.facts or facts_of(shapes, sum(file.size_bytes for file in model.form.files))
            places = await self._room.take(tenant, facts, may_stop=may_stop)
            return orders(spec, model.wishes, places)

        await model.start(weights=self._weights, folder=folder, spec=spec, factory=self._factory, place=place)

    def _tenant(self, model: RunningModel) -> Tenant:
        return Tenant(
            model.id,
            model.form.memory,
            planner_wishes(model.recipe, model.wishes, gpu_layers=self._gpu_layers),
            _other_forms(model),
        )


def _other_forms(model: RunningModel) -> dict[str, MemoryFacts]:
    return {
        form.name: form.memory
        for form in model.recipe.forms
        if form.memory is not None and form != model.form
    }
