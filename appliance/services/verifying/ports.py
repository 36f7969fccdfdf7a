"""What verifying a model needs from others."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.domain.verification import FileVerdict
from appliance.engines.base import Work
from appliance.services.generation.ports import ServedModel, TokenSource
from appliance.services.queue import Place, Share


class Catalog(Protocol):
    """What is approved."""

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Files(Protocol):
    """The files of models on this box."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...

    def nearest(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds the most of them; None where there is none."""
        ...

    def check(self, file: RecipeFile, folder: Path, on_progress: Callable[[float], None]) -> FileVerdict:
        """Read one file to its end; blocking. ``on_progress`` is told the part that is done, on this thread;
        what it raises ends the work.
        """
        ...


ReadShapes = Callable[[RecipeForm, Path], ModelShapes]
"""The sizes in a model's own files; blocking. Raises ``IntegrityFailed`` for files that are no such model."""


class Models(Protocol):
    """The models of this box."""

    def lend(self, model: str, wishes: RunWishes) -> AbstractAsyncContextManager[ServedModel]:
        """Scope in which a model runs, started for it where it did not. Raises ``CarrelError``."""
        ...


class Queue(Protocol):
    """Where work waits for room in a source of tokens."""

    def join(self, model: str, work: Work, sources: Sequence[TokenSource], share: Share) -> Place:
        """Wait for a turn from now on."""
        ...


class Records(Protocol):
    """What was measured."""

    async def keep(self, record: FidelityRecord) -> None:
        """In place of what was measured of the same subject before."""
        ...
