"""The models of this box: list, show, run, stop, and what runs again after a restart."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from appliance.domain.clock import Clock
from appliance.domain.model import ModelCard, ModelState
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ModelDetail, ModelList, ModelSummary, Result
from appliance.domain.running import RunWishes
from appliance.errors import CarrelError, ModelNotRunning
from appliance.services.generation.ports import ServedModel
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.register import Register
from appliance.services.models.aliases import Aliases
from appliance.services.models.elsewhere import Elsewhere
from appliance.services.models.ending import Ending
from appliance.services.models.finding import Finder, is_same
from appliance.services.models.launching import Launcher, WhyNot, every_engine_runs
from appliance.services.models.lending import Lending
from appliance.services.models.listing import (
    Coming,
    Listing,
    Restricted,
    Trouble,
    nothing_comes,
    nothing_is_wrong,
    nothing_restricted,
)
from appliance.services.models.networking import Networking
from appliance.services.models.permitting import Permitting
from appliance.services.models.ports import (
    Catalog,
    Machine,
    Measured,
    ProcessFactory,
    WaitingLine,
    WantedModels,
    Weights,
)
from appliance.services.models.room import Room
from appliance.services.models.running import RunningModel
from appliance.services.models.weighing import Scales
from appliance.services.models.wishes import wishes_of


class ModelService:
    """Owns the running models. A model's start and stop are serialized by one lock."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        weights: Weights,
        wanted: WantedModels,
        factory: ProcessFactory,
        machine: Machine,
        queue: WaitingLine,
        clock: Clock,
        threads: int,
        gpu_layers: int,
        aliases: Aliases | None = None,
        measured: Measured | None = None,
        scales: Scales | None = None,
        permits: Permits | None = None,
        why_not: WhyNot = every_engine_runs,
        elsewhere: Elsewhere = Elsewhere(),  # noqa: B008 - frozen
        networking: Networking = Networking(),  # noqa: B008 - frozen
        coming: Coming = nothing_comes,
        restricted: Restricted = nothing_restricted,
        trouble_of: Trouble = nothing_is_wrong,
    ) -> None:
        self._weights = weights
        self._wanted = wanted
        self._queue = queue
        self._clock = clock
        self._aliases = aliases or Aliases()
        self._elsewhere = elsewhere
        self._running: dict[str, RunningModel] = {}
        self._names = Finder(catalog, self._running)
        permits = permits or Permits(Register())
        self.permitting = Permitting(self._names, self._aliases, permits)
        self._notes: dict[str, str] = {}
        self._changing = asyncio.Lock()
        self._booted = False
        self._ending = Ending(
            self._running,
            self._changing,
            names=self._names,
            queue=queue,
            wanted=wanted,
            notes=self._notes,
        )
        room = Room(
            machine,
            residents=lambda: [one for one in self._running.values() if one.recipe.upstream is None],
            idle=self._idle,
            stop=self._ending.for_room,
        )
        self._launcher = Launcher(
            weights,
            factory,
            room,
            threads=threads,
            gpu_layers=gpu_layers,
            why_not=why_not,
            scales=scales,
            permits=permits,
            elsewhere=elsewhere,
            networking=networking,
        )
        self._listing = Listing(
            self._names,
            weights,
            self._notes,
            self.permitting,
            why_not=self._launcher.why_not,
            weighed=self._launcher.weighed,
            measured=measured,
            elsewhere=elsewhere,
            coming=coming,
            restricted=restricted,
            trouble_of=trouble_of,
        )
        self._lending = Lending(
            self._running, self._changing, launch=self._launch, end=self._ending.end, clock=clock
        )

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "model.list": self.list_models,
            "model.show": self.show,
            "model.run": self.run,
            "model.stop": self.stop,
        }

    def served(self, model: str) -> ServedModel:
        """The model of that name or alias. Raises ``ModelNotFound``, ``ModelNotRunning``, ``Offline``."""
        recipe, form = self._names.find(self._aliases.model(model))
        self._elsewhere.check(recipe)
        running = self._running.get(recipe.model_id(form))
        if running is None or running.lent:
            raise ModelNotRunning(
                f"{recipe.model_id(form)} is not running. The box's operator starts it with "
                f"`carrel model run {recipe.model_id(form)}`."
            )
        return running.served()

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """What this caller may use now."""
        return self._listing.cards(caller)

    def summaries(self, *, every: bool) -> tuple[ModelSummary, ...]:
        """One line a model: those on disk or on their way here, or the whole catalog."""
        return self._listing.summaries(every=every)

    @property
    def present(self) -> tuple[RunningModel, ...]:
        """Every model that has processes or is about to."""
        return tuple(self._running.values())

    @property
    def settled(self) -> bool:
        """True once every wanted model was started or has failed, and none is loading."""
        return self._booted and all(one.state is not ModelState.LOADING for one in self._for_people())

    @property
    def unwell(self) -> tuple[str, ...]:
        """Wanted models that do not answer."""
        return tuple(one.id for one in self._for_people() if one.state is not ModelState.READY)

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
        wanted = dict(await self._wanted.all())
        wanted.update({model: RunWishes() for model in also if model not in wanted})
        try:
            for model, wishes in wanted.items():
                await self._boot_one(model, wishes)
        finally:
            self._booted = True

    async def start_wanted(self, recipe_id: str) -> None:
        """Start what of one model should run and does not; what fails keeps the reason."""
        for model, wishes in (await self._wanted.all()).items():
            if model.partition("@")[0] == recipe_id:
                await self._boot_one(model, wishes)

    async def follow(self, *, offline: bool) -> None:
        """End what computes with other machines, or start what needs them. Raises ``StorageUnavailable``."""
        if offline:
            await self._ending.networked()
        for model, wishes in ({} if offline else await self._wanted.all()).items():
            if self._names.is_outside(model):
                await self._boot_one(model, wishes)

    async def close(self) -> None:
        """Stop all processes; what should run stays remembered."""
        self._lending.close()
        await self._ending.all()

    def lend(self, model: str, wishes: RunWishes) -> AbstractAsyncContextManager[ServedModel]:
        """Scope in which a model runs for a task of the box: ``Lending.lend``. Raises ``ModelNotFound``."""
        recipe, form = self._names.find(model)
        return self._lending.lend(recipe, form, wishes)

    async def list_models(self, *, all: bool) -> ModelList:
        """``model list``."""
        return ModelList(models=self.summaries(every=all))

    async def show(self, *, model: str) -> ModelDetail:
        """``model show``."""
        return await self._listing.detail(*self._names.present(model))

    async def run(
        self,
        *,
        model: str,
        replicas: int | None = None,
        seats: int | None = None,
        context: int | None = None,
        deterministic: bool = False,
        gpus: str | None = None,
    ) -> ModelDetail:
        """``model run``: returns when it answers, or raises why it does not.

        Running it again is no error; with other wishes or another recipe it is started anew, else it is left
        alone.
        """
        recipe, form = self._names.find(model)
        wishes = wishes_of(
            replicas=replicas, seats=seats, context=context, deterministic=deterministic, gpus=gpus
        )
        running = await self._start(recipe, form, wishes)
        await self._wanted.add(running.id, running.wishes)
        return await self.show(model=model)

    async def stop(self, *, model: str) -> ModelDetail:
        """``model stop``."""
        recipe, form = self._names.find(model)
        await self._ending.stop(recipe.model_id(form))
        # Not by its name: one that ran from an earlier catalog may have none any more.
        return await self._listing.detail(recipe, form)

    async def stop_serving(self, recipe_id: str) -> None:
        """Stop every form of a model; none of them comes back after a restart."""
        await self._ending.stop_serving(recipe_id)

    async def end_withdrawn(self, by_lab: Collection[str]) -> None:
        """End what runs by the lab's approval and is none of those recipes that it approves now."""
        await self._ending.withdrawn(by_lab)

    async def _boot_one(self, model: str, wishes: RunWishes) -> None:
        try:
            recipe, form = self._names.find(model)
            async with self._changing:
                if recipe.model_id(form) not in self._running:
                    await self._launch(RunningModel(recipe, form, wishes, self._clock), may_stop=False)
        except CarrelError:
            # The failed model keeps the reason, and its processes logged it; the box starts all the same.
            return

    async def _start(self, recipe: Recipe, form: RecipeForm, wishes: RunWishes) -> RunningModel:
        async with self._changing:
            present = self._running.get(recipe.model_id(form))
            if present is not None and is_same(recipe, present.recipe) and present.stays(wishes):
                return present
            fresh = RunningModel(recipe, form, wishes, self._clock)
            await self._launcher.check(fresh, replacing=present)
            if present is not None:
                await self._ending.end(present, "{} is started anew. Try again in a few seconds.")
            await self._launch(fresh, may_stop=True)
            return fresh

    async def _launch(self, model: RunningModel, *, may_stop: bool) -> None:
        self._notes.pop(model.id, None)
        self._launcher.folder_of(model)
        self._running[model.id] = model
        await self._launcher.launch(model, may_stop=may_stop)

    def _idle(self, running: RunningModel) -> bool:
        """Nothing runs or waits, so it may be stopped. One that loads is about to be used."""
        settled = running.state in {ModelState.READY, ModelState.FAILED} and not running.lent
        return settled and not running.working and self._queue.waiting_for(running.id) == 0

    def _for_people(self) -> list[RunningModel]:
        """Those that run for people."""
        return [one for one in self._running.values() if not one.lent]
