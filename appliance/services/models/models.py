"""The models of this box: list, show, run, stop, and what runs again after a restart."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from appliance.domain.clock import Clock
from appliance.domain.model import MODEL_ID, ModelCard, ModelState
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ModelDetail, ModelList, ModelSummary, Result
from appliance.errors import CarrelError, ModelNotFound, ModelNotRunning
from appliance.services.generation.ports import ServedModel
from appliance.services.models.ports import Catalog, ProcessFactory, WantedModels, Weights
from appliance.services.models.presenting import card, detail, summary
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import engine_spec
from appliance.services.queue import DispatchQueue


class ModelService:
    """Owns the running models. A model's start and stop are serialized by one lock."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        weights: Weights,
        wanted: WantedModels,
        factory: ProcessFactory,
        queue: DispatchQueue,
        clock: Clock,
        threads: int,
        gpu_layers: int,
    ) -> None:
        self._catalog = catalog
        self._weights = weights
        self._wanted = wanted
        self._factory = factory
        self._queue = queue
        self._clock = clock
        self._threads = threads
        self._gpu_layers = gpu_layers
        self._running: dict[str, RunningModel] = {}
        self._changing = asyncio.Lock()
        self._booted = False

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "model.list": self.list_models,
            "model.show": self.show,
            "model.run": self.run,
            "model.stop": self.stop,
        }

    def served(self, model: str) -> ServedModel:
        """The model of that name or alias, if it takes requests. Raises ``ModelNotFound``,
        ``ModelNotRunning``.
        """
        recipe, form = self._find(model)
        running = self._running.get(recipe.model_id(form))
        if running is None:
            raise ModelNotRunning(
                f"{recipe.model_id(form)} is not running. The box's operator starts it with "
                f"`carrel model run {recipe.model_id(form)}`."
            )
        return running.served()

    def cards(self, caller: Caller) -> Sequence[ModelCard]:  # noqa: ARG002 (tiers come with the access work)
        """What this caller may use now."""
        return [card(one) for one in self._running.values() if one.state is ModelState.READY]

    def summaries(self, *, every: bool) -> tuple[ModelSummary, ...]:
        """One line a model: those on disk, or the whole catalog."""
        return tuple(
            line
            for recipe in self._catalog.recipes
            for form in recipe.forms
            if (line := self._summary(recipe, form)).on_disk or every
        )

    @property
    def settled(self) -> bool:
        """True once every wanted model was started or has failed, and none is loading."""
        return self._booted and all(one.state is not ModelState.LOADING for one in self._running.values())

    @property
    def unwell(self) -> tuple[str, ...]:
        """Wanted models that do not answer."""
        return tuple(one.id for one in self._running.values() if one.state is not ModelState.READY)

    def changed(self) -> None:
        """A process became ready, died or took work: let the queue act on it."""
        for running in self._running.values():
            if running.state is ModelState.FAILED:
                reason = running.reason or "Its processes died too often."
                self._queue.give_up(running.id, ModelNotRunning(f"{running.id} has failed. {reason}"))
        self._queue.wake()

    async def boot(self, also: Sequence[str] = ()) -> None:
        """Start what should run. A model that will not start stays ``failed`` and does not hold up the
        others.
        """
        wanted = dict.fromkeys([*await self._wanted.all(), *also])
        try:
            for model in wanted:
                await self._boot_one(model)
        finally:
            self._booted = True

    async def close(self) -> None:
        """Stop all processes; what should run stays remembered."""
        async with self._changing:
            await asyncio.gather(*(self._end(one) for one in list(self._running.values())))

    async def list_models(self, *, all: bool) -> ModelList:
        """``model list``."""
        return ModelList(models=self.summaries(every=all))

    async def show(self, *, model: str) -> ModelDetail:
        """``model show``."""
        recipe, form = self._find(model)
        folder = self._weights.folder_of(recipe, form)
        return detail(recipe, form, self._running.get(recipe.model_id(form)), folder)

    async def run(self, *, model: str) -> ModelDetail:
        """``model run``: returns when it answers, or raises why it does not. Running it again is no error."""
        recipe, form = self._find(model)
        await self._start(recipe, form)
        await self._wanted.add(recipe.model_id(form))
        return await self.show(model=model)

    async def stop(self, *, model: str) -> ModelDetail:
        """``model stop``."""
        recipe, form = self._find(model)
        await self._wanted.remove(recipe.model_id(form))
        async with self._changing:
            running = self._running.get(recipe.model_id(form))
            if running is not None:
                await self._end(running)
        return await self.show(model=model)

    async def _boot_one(self, model: str) -> None:
        try:
            await self._start(*self._find(model))
        except CarrelError:
            # The failed model keeps the reason, and its processes logged it; the box starts all the same.
            return

    async def _start(self, recipe: Recipe, form: RecipeForm) -> None:
        async with self._changing:
            present = self._running.get(recipe.model_id(form))
            if present is not None and present.state is not ModelState.FAILED:
                return
            if present is not None:
                await self._end(present)
            await self._launch(recipe, form)

    async def _launch(self, recipe: Recipe, form: RecipeForm) -> None:
        folder = self._weights.folder_of(recipe, form)
        if folder is None:
            raise ModelNotFound(f"The files of {recipe.model_id(form)} are not on this box.")
        spec = engine_spec(recipe, form, folder, threads=self._threads, gpu_layers=self._gpu_layers)
        running = RunningModel(recipe, form, created_ms=self._clock.now_ms())
        self._running[running.id] = running
        await running.start(weights=self._weights, folder=folder, spec=spec, factory=self._factory)

    async def _end(self, running: RunningModel) -> None:
        self._queue.give_up(running.id, ModelNotRunning(f"{running.id} was stopped. Choose another model."))
        await running.stop()
        self._running.pop(running.id, None)

    def _find(self, model: str) -> tuple[Recipe, RecipeForm]:
        if not MODEL_ID.match(model):
            raise ModelNotFound("No model has that name. `GET /v1/models` lists those that are served.")
        return self._catalog.find(model)

    def _summary(self, recipe: Recipe, form: RecipeForm) -> ModelSummary:
        on_disk = self._weights.folder_of(recipe, form) is not None
        return summary(recipe, form, self._running.get(recipe.model_id(form)), on_disk=on_disk)
