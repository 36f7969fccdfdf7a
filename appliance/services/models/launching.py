"""Starts one model: its files, its place on the machine, its processes."""

from collections.abc import Callable
from pathlib import Path

from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.shapes import ModelShapes
from appliance.errors import ConfigInvalid, ModelNotFound
from appliance.policy.licenses import Act
from appliance.services.licenses.permits import Permits
from appliance.services.models.elsewhere import Elsewhere
from appliance.services.models.making_room import Tenant
from appliance.services.models.networking import Networking
from appliance.services.models.planned import by_recipe, by_shapes, other_forms
from appliance.services.models.ports import ProcessFactory, Weights
from appliance.services.models.room import Room
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import ReplicaOrder, engine_spec, orders, planner_wishes
from appliance.services.models.weighing import Scales

WhyNot = Callable[[str], str | None]
"""Why an engine of that name cannot run here, in a sentence that says the next step; None where it can."""


def every_engine_runs(_engine: str) -> None:
    """The answer of a box that has all of them."""


class Launcher:
    """``threads`` are those of all replicas of a model together; ``gpu_layers`` is the box's setting. Without
    ``scales`` nothing is measured.
    """

    def __init__(
        self,
        weights: Weights,
        factory: ProcessFactory,
        room: Room,
        *,
        threads: int,
        gpu_layers: int,
        why_not: WhyNot = every_engine_runs,
        scales: Scales | None = None,
        permits: Permits,
        elsewhere: Elsewhere = Elsewhere(),  # noqa: B008 - frozen
        networking: Networking = Networking(),  # noqa: B008 - frozen
    ) -> None:
        self._weights = weights
        self._factory = factory
        self._room = room
        self._threads = threads
        self._gpu_layers = gpu_layers
        self._why_not = why_not
        self._scales = scales
        self._permits = permits
        self._elsewhere = elsewhere
        self._networking = networking

    def why_not(self, form: RecipeForm) -> str | None:
        """Why its engine cannot run here, None where it can."""
        return self._why_not(form.engine)

    async def weighed(self, recipe: Recipe, form: RecipeForm) -> MemoryMeasurement | None:
        """What it took of memory when it was loaded last."""
        return None if self._scales is None else await self._scales.known(recipe, form)

    def folder_of(self, model: RunningModel) -> Path:
        """Where its files are. Raises ``NotLicensed``, ``ModelNotFound``, ``ConfigInvalid`` without its
        engine, and what ``Elsewhere.check`` and ``Networking.check`` raise.
        """
        self._elsewhere.check(model.recipe, model.wishes)
        if model.recipe.draft:
            raise ModelNotFound(
                f"{model.id} is a draft: it can be planned for (`carrel model fit {model.id}`), and not run."
            )
        self._permits.check(model.recipe, Act.LOAD, model.form)
        folder = self._weights.folder_of(model.recipe, model.form)
        if folder is None:
            raise ModelNotFound(
                f"The files of {model.id} are not on this box; `carrel model pull {model.id}` fetches them."
            )
        if (reason := self.why_not(model.form)) is not None:
            raise ConfigInvalid(f"{model.id} cannot run here. {reason}")
        self._networking.check(model.id, model.form)
        return folder

    async def check(self, model: RunningModel, *, replacing: RunningModel | None) -> None:
        """Refuse early what cannot be started. Raises as ``folder_of`` does, and ``DoesNotFit``."""
        self.folder_of(model)
        if model.recipe.upstream is not None or model.form.networked:
            return
        measured = await self.weighed(model.recipe, model.form)
        await self._room.check(self._tenant(model, measured), replacing=replacing)

    async def launch(self, model: RunningModel, *, may_stop: bool) -> None:
        """Return when it answers. ``may_stop``: idle models may be stopped to make room for it.

        Raises what ``RunningModel.start`` raises.
        """
        folder = self.folder_of(model)
        if model.recipe.upstream is not None:
            await self._elsewhere.launch(model, folder, self._weights)
            return
        measured = await self.weighed(model.recipe, model.form)
        spec = engine_spec(
            model.recipe,
            model.form,
            folder,
            model.wishes,
            threads=self._threads,
            gpu_layers=self._gpu_layers,
            options=self._networking.options(model.form),
        )

        async def place(shapes: ModelShapes) -> tuple[ReplicaOrder, ...]:
            if model.form.networked:
                # Where it computes its cluster decides, of which this machine sees a part at most.
                return orders(spec, model.wishes, ())
            tenant = self._tenant(model, measured)
            form = tenant.form or by_shapes(model.form, shapes, measured)
            places = await self._room.take(tenant, form, may_stop=may_stop)
            return orders(spec, model.wishes, places)

        await model.start(weights=self._weights, folder=folder, spec=spec, factory=self._factory, place=place)
        if self._scales is not None:
            await self._scales.weigh(model)

    def _tenant(self, model: RunningModel, measured: MemoryMeasurement | None) -> Tenant:
        return Tenant(
            model.id,
            by_recipe(model.form, measured),
            planner_wishes(model.recipe, model.wishes, gpu_layers=self._gpu_layers),
            other_forms(model.recipe, model.form),
        )
