"""What running a model needs from others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from appliance.domain.generation import Prompt
from appliance.domain.model import ModelShapes, ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.engines.base import EngineFacts, EngineSpec, Free, Generate
from appliance.services.generation.ports import EventStream


class PreparerProcess(Protocol):
    """One model's preparer: a supervised child."""

    @property
    def shapes(self) -> ModelShapes:
        """Read from the file when it started."""
        ...

    async def start(self) -> None:
        """Return when it is ready. Raises ``ReplicaFailed`` when it will not start."""
        ...

    async def stop(self) -> None:
        """End the process; safe when it never started."""
        ...

    async def prepare(self, prompt: Prompt) -> tuple[int, ...]:
        """See ``generation.ports.PromptPreparer``."""
        ...


class ReplicaProcess(Protocol):
    """One worker: a supervised child."""

    @property
    def state(self) -> ModelState:
        """What it does at this moment."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it is not ready, where there is a why."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process, while there is one."""
        ...

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        ...

    @property
    def incarnation(self) -> int:
        """See ``generation.ports.TokenSource``."""
        ...

    @property
    def running(self) -> int:
        """Pieces of work in it."""
        ...

    @property
    def confinement(self) -> tuple[str, ...]:
        """Which protections took hold in it."""
        ...

    @property
    def facts(self) -> EngineFacts:
        """Known once it was ready for the first time."""
        ...

    @property
    def free(self) -> Free:
        """What it can take on now."""
        ...

    def open(self, work: Generate) -> EventStream:
        """See ``generation.ports.TokenSource``."""
        ...

    async def start(self) -> None:
        """Return when it is ready. Raises ``ReplicaFailed`` when it will not start."""
        ...

    async def stop(self) -> None:
        """End the process; safe when it never started."""
        ...


class ProcessFactory(Protocol):
    """Makes the children of a model; ``on_change`` is called whenever capacity or state may have changed."""

    def preparer(self, spec: EngineSpec) -> PreparerProcess:
        """A preparer, not started."""
        ...

    def replica(self, spec: EngineSpec) -> ReplicaProcess:
        """A worker, not started."""
        ...


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Weights(Protocol):
    """Where a model's files are, and whether they are what the recipe says."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...

    def verify(self, form: RecipeForm, folder: Path) -> None:
        """Hash every file; blocking. Raises ``IntegrityFailed``."""
        ...


class WantedModels(Protocol):
    """Which models should run: survives a restart."""

    async def all(self) -> Sequence[str]:
        """Their ids, in the order they were added."""
        ...

    async def add(self, model_id: str) -> None:
        """Remember; adding twice is adding."""
        ...

    async def remove(self, model_id: str) -> None:
        """Forget; unknown ids are fine."""
        ...
