"""``model fit``: whether a model fits this machine or one that is not here. Plans; starts nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.hardware import Inventory
from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import Fit, FitAdvice, FitDay, FitShare, Result
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest, NotFound
from appliance.policy.placement import (
    Placement,
    PlannedForm,
    Share,
    is_gpu_numbers,
    parse_gpu_numbers,
    plan,
)
from appliance.policy.placement.estimate import Day, estimate
from appliance.policy.placement.machines import GpuModel, known_model, machine
from appliance.services.models.launching import WhyNot, every_engine_runs
from appliance.services.models.planned import by_recipe, by_shapes, other_forms
from appliance.services.models.specification import planner_wishes

HERE: Final = "this machine"
VECTORS: Final = (
    "It makes vectors: texts are read whole, the KV cache is of one pass, and a day is not estimated."
)
CLUSTER: Final = (
    "It computes on a Ray cluster, which Carrel does not see: name all of its GPUs, such as 16xA100-80GB."
)


class Catalog(Protocol):
    """What is approved."""

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Folders(Protocol):
    """Where the files of a model are."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...


class Weighed(Protocol):
    """What was measured when models were loaded."""

    async def latest(self, model: str, revision: int) -> MemoryMeasurement | None:
        """The last one of this model in this revision of its recipe."""
        ...


class Machine(Protocol):
    """What this machine has to run models on."""

    async def inventory(self) -> Inventory:
        """As it is at this moment."""
        ...


ReadShapes = Callable[[RecipeForm, Path], ModelShapes]
"""The sizes in a model's own file; blocking. Raises ``IntegrityFailed``."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A machine, its name, the speed of its GPUs, and which of them were asked for."""

    name: str
    inventory: Inventory
    speeds: Sequence[GpuModel | None]
    gpus: tuple[int, ...] | None = None


class FittingService:
    """Answers ``model fit``."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        folders: Folders,
        machine: Machine,
        read_shapes: ReadShapes,
        gpu_layers: int,
        weighed: Weighed | None = None,
        why_not: WhyNot = every_engine_runs,
    ) -> None:
        self._catalog: Final = catalog
        self._folders: Final = folders
        self._machine: Final = machine
        self._read_shapes: Final = read_shapes
        self._gpu_layers: Final = gpu_layers
        self._weighed: Final = weighed
        self._why_not: Final = why_not

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"model.fit": self.fit}

    async def fit(
        self, *, model: str, seats: int | None, context: int | None, replicas: int | None, gpus: str | None
    ) -> Fit:
        """``model fit``. Raises ``ModelNotFound``, ``BadRequest`` for a machine that is none, ``NotFound``
        where neither the recipe nor a file says what the model needs.
        """
        recipe, form = self._catalog.find(model)
        if recipe.upstream is not None:
            raise BadRequest(f"{recipe.id} is hosted elsewhere: it takes no memory of any machine here.")
        planned, source = await self._planned(recipe, form)
        target = await self._target(gpus or "")
        wishes = planner_wishes(
            recipe,
            RunWishes(replicas=replicas, seats=seats, context_tokens=context, gpus=target.gpus),
            gpu_layers=self._gpu_layers if target.name == HERE else -1,
        )
        others = {f"{recipe.id}@{name}": one for name, one in other_forms(recipe, form).items()}
        found = plan(planned, wishes, target.inventory, other_forms=others)
        answers = found.fits and not recipe.pooling
        day, said = estimate(planned, found, target.speeds) if answers else (None, ())
        if recipe.pooling:
            said = (VECTORS,)
        return Fit(
            model=recipe.model_id(form),
            draft=recipe.draft,
            machine=target.name,
            fits=found.fits,
            verdict=found.kind,
            reason=found.reason,
            seats=found.seats,
            context_tokens=found.context_tokens,
            replicas=wishes.replicas,
            shares=_shares(found, target.inventory),
            missing_bytes=found.missing_bytes,
            advice=tuple(
                FitAdvice(kind=one.kind, value=one.value, text=one.text, seats=one.seats)
                for one in found.advice
            ),
            day=_day(day),
            assumptions=(source, *found.assumptions, *said, *self._engine(form, target)),
        )

    async def _planned(self, recipe: Recipe, form: RecipeForm) -> tuple[PlannedForm, str]:
        """The form, and where its sizes are from."""
        measured = await self._measured(recipe, form)
        with_weights = ", its weights as measured when it was loaded here." if measured else "."
        if (planned := by_recipe(form, measured)) is not None:
            return planned, "Sizes of the model are those of its recipe" + with_weights
        folder = self._folders.folder_of(recipe, form)
        if folder is None:
            raise NotFound(
                f"What {recipe.model_id(form)} needs is not known: its recipe does not say it, and its files "
                "are not on this box."
            )
        shapes = await asyncio.to_thread(self._read_shapes, form, folder)
        return (
            by_shapes(form, shapes, measured),
            "Sizes of the model are those in the header of its file" + with_weights,
        )

    async def _measured(self, recipe: Recipe, form: RecipeForm) -> MemoryMeasurement | None:
        """Only one that says what the weights take."""
        if self._weighed is None:
            return None
        found = await self._weighed.latest(recipe.model_id(form), recipe.revision)
        return found if found and found.weight_bytes else None

    def _engine(self, form: RecipeForm, target: _Target) -> tuple[str, ...]:
        """Where it cannot run here whatever fits, and where it leaves GPUs alone."""
        if form.networked:
            return (CLUSTER,)
        if target.name != HERE:
            return ()
        if (reason := self._why_not(form.engine)) is not None:
            return (reason,)
        if target.inventory.gpus and form.engine in target.inventory.processor_engines:
            return (f"{form.engine} is installed here in a build without CUDA, so it leaves the GPUs alone.",)
        return ()

    async def _target(self, text: str) -> _Target:
        if text and not is_gpu_numbers(text):
            there = machine(text)
            return _Target(text, there.inventory, there.speeds)
        here = await self._machine.inventory()
        speeds = {gpu.index: known_model(gpu.name, gpu.memory_total_bytes) for gpu in here.gpus}
        in_order = [speeds.get(index) for index in range(max(speeds, default=-1) + 1)]
        return _Target(HERE, here, in_order, parse_gpu_numbers(text))


def _shares(found: Placement, inventory: Inventory) -> tuple[FitShare, ...]:
    return tuple(
        _share(number, share, inventory)
        for number, replica in enumerate(found.replicas)
        for share in replica.shares
    )


def _share(replica: int, share: Share, inventory: Inventory) -> FitShare:
    gpu = next((one for one in inventory.gpus if one.index == share.gpu), None)
    total = gpu.memory_total_bytes if gpu else inventory.memory_total_bytes
    free = gpu.memory_free_bytes if gpu else inventory.memory_available_bytes
    return FitShare(
        replica=replica,
        gpu=share.gpu,
        name=gpu.name if gpu else "memory",
        layers=share.layers,
        weight_bytes=share.weight_bytes,
        kv_bytes=share.kv_bytes,
        buffer_bytes=share.buffer_bytes,
        reserve_bytes=share.reserve_bytes,
        others_bytes=total - free,
        free_bytes=free - share.total_bytes,
        total_bytes=total,
    )


def _day(day: Day | None) -> FitDay | None:
    if day is None:
        return None
    return FitDay(
        tokens=day.tokens,
        words=day.words,
        dollars=f"{day.dollars:.2f}",
        kilowatt_hours=f"{day.kilowatt_hours:.1f}",
    )
