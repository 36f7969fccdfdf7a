"""What downloads need from others."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.domain.download import Download, FetchEvent, FetchOrder, ShownPass
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.source import WeightSource
from appliance.policy.licenses import Act


class Catalog(Protocol):
    """What is approved, as it is at this moment."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Permits(Protocol):
    """What licenses allow."""

    def check(self, recipe: Recipe, act: Act, form: RecipeForm | None = None) -> None:
        """Raises ``NotLicensed`` where that may not be done with it now, with what to do."""
        ...


@dataclass(frozen=True, slots=True)
class AcceptedTerms:
    """What an operator accepts together with a pull: the hash of a text, by whom and for what."""

    text_sha256: str
    who: str
    authority: str
    purpose: str


class Acceptances(Protocol):
    """Where acceptances are recorded."""

    async def accept(self, recipe: Recipe, terms: AcceptedTerms) -> None:
        """Record that these terms were accepted for the box. Raises ``BadRequest`` for another text."""
        ...


class Fetcher(Protocol):
    """Brings files into the blob store, in a process of its own."""

    def fetch(self, order: FetchOrder) -> AbstractAsyncContextManager[AsyncIterator[FetchEvent]]:
        """Scope of one fetch; leaving it ends the process, and what it has stays for the next one.

        The events end with ``Fetched``. Raises, while it is iterated too, what stands beside ``FetchEvent``.
        """
        ...


class Passes(Protocol):
    """What boxes of other labs are shown that give the files of a model."""

    async def of(self, recipe: Recipe, sources: Sequence[WeightSource]) -> tuple[ShownPass, ...]:
        """Fresh ones, good for a day; none where no source wants one. Raises ``CarrelError``."""
        ...


class NoPasses:
    """A box that belongs to no registry."""

    async def of(self, recipe: Recipe, sources: Sequence[WeightSource]) -> tuple[ShownPass, ...]:  # noqa: ARG002
        """None."""
        return ()


class Inspector(Protocol):
    """Looks inside files whose bytes are right, in a process of its own."""

    async def inspect(self, recipe: Recipe, form: RecipeForm, files: Mapping[str, Path]) -> object:
        """``files`` is where each name of the form lies. What it tells of them is not used here.

        Raises ``IntegrityFailed`` with the reason.
        """
        ...


class Blobs(Protocol):
    """The files of all models, each once, by hash. Every method blocks."""

    def has(self, file: RecipeFile) -> bool:
        """Whether it is there, verified when it came."""
        ...

    def blob(self, sha256: str) -> Path:
        """Where a verified one is, or would be."""
        ...

    def part(self, sha256: str) -> Path:
        """Where the unfinished one is, or would be."""
        ...

    def discard(self, sha256s: Collection[str]) -> int:
        """Drop what was fetched of these and is in no model. Bytes freed."""
        ...

    def place(self, recipe_id: str, files: Sequence[RecipeFile]) -> Path:
        """Put verified blobs under their names into the model's folder, which never is there half."""
        ...

    def would_free(self, recipe_id: str, names: Collection[str]) -> int:
        """Bytes that ``remove`` would free."""
        ...

    def remove(self, recipe_id: str, names: Collection[str]) -> int:
        """Remove these names of a model, and each blob that no model has any more. Bytes freed."""
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...

    def nearest(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds the most of them; None where there is none."""
        ...

    def names_in(self, recipe_id: str) -> Sequence[str]:
        """Files in the folder that a model has, or had, on this box; none of what came with Carrel."""
        ...

    def is_bundled(self, folder: Path) -> bool:
        """Whether the folder came with Carrel."""
        ...

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Hash every file; blocking. ``on_progress`` is told the part that is done, on this thread; what it
        raises ends the work. Raises ``IntegrityFailed``.
        """
        ...


class Disk(Protocol):
    """The disk that the models are on. Both methods block."""

    def free_bytes(self) -> int:
        """Room that is left. Raises ``StorageUnavailable`` where nobody can tell."""
        ...

    def taken_bytes(self, path: Path) -> int:
        """What a file has of it, written or reserved; 0 for one that is not there."""
        ...


class DownloadTable(Protocol):
    """What is remembered of downloads: one of each model."""

    async def put(self, download: Download) -> None:
        """Remember it as it stands, in place of what was known of this model."""
        ...

    async def remove(self, download_id: str) -> None:
        """Forget it; unknown ids are fine."""
        ...

    async def all(self) -> Sequence[Download]:
        """Every one, the oldest first."""
        ...


class Runners(Protocol):
    """Which models have processes."""

    def running(self) -> Sequence[tuple[Recipe, RecipeForm]]:
        """Every model that has some, or is about to."""
        ...


class Seals(Protocol):
    """What is known of files that were hashed."""

    async def forget(self, recipe_id: str, names: Sequence[str]) -> None:
        """Of files that are gone."""
        ...
