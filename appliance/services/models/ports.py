"""What running a model needs from others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.hardware import Inventory
from appliance.domain.model import ModelState
from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineFacts, EngineSpec, Free, Work
from appliance.errors import CarrelError
from appliance.services.generation.ports import EventStream
from appliance.services.models.specification import ReplicaOrder


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

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """See ``generation.ports.PromptPreparer``."""
        ...

    async def detokenize(self, tokens: Sequence[int]) -> str:
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
    def pids(self) -> frozenset[int]:
        """Its process and those that this one has started."""
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
    def loading_part(self) -> float:
        """How much of the model is loaded, 0 to 1."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Resident memory of the process; 0 where that is not known."""
        ...

    @property
    def peak_bytes(self) -> int:
        """The most resident memory that it had until it was ready; 0 where that is not known."""
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

    def open(self, work: Work) -> EventStream:
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

    def replica(self, order: ReplicaOrder) -> ReplicaProcess:
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

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Hash every file; blocking. ``on_progress`` is told the part that is done, on this thread; what it
        raises ends the work. Raises ``IntegrityFailed``.
        """
        ...


class WantedModels(Protocol):
    """Which models should run, and how: survives a restart."""

    async def all(self) -> Mapping[str, RunWishes]:
        """By id, in the order they were added."""
        ...

    async def add(self, model_id: str, wishes: RunWishes) -> None:
        """Remember; adding again changes the wishes."""
        ...

    async def remove(self, model_id: str) -> None:
        """Forget; unknown ids are fine."""
        ...


class Measured(Protocol):
    """What was measured of forms."""

    def of(self, recipe: Recipe, form: RecipeForm) -> FidelityRecord | None:
        """Of these very files, last; None where nothing was."""
        ...


class Machine(Protocol):
    """What this machine has to run models on."""

    async def inventory(self) -> Inventory:
        """As it is at this moment."""
        ...


class WaitingLine(Protocol):
    """Requests that wait for a model."""

    def waiting_for(self, model: str) -> int:
        """How many wait for this one."""
        ...

    def give_up(self, model: str, error: CarrelError) -> None:
        """The model will not answer: fail all who wait for it."""
        ...

    def wake(self) -> None:
        """Something may have room now."""
        ...
