"""The ``Weights`` ports of the services over the folders of this box."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.verification import FileVerdict
from appliance.errors import CarrelError, IntegrityFailed
from appliance.weights.blobs import BlobStore
from appliance.weights.checking import check, is_due, known_trouble
from appliance.weights.placing import folder_of, names_in, nearest_folder
from appliance.weights.reading import read_to_end
from appliance.weights.seals import Sealing
from appliance.weights.verifying import verify


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Files an operator added lie in ``models_dir``, those that came with Carrel in ``bundled``."""

    models_dir: Path
    bundled: Path
    sealing: Sealing | None = None
    """What spares reading large files at each start; None: every file is read each time."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        return folder_of(recipe, form, models_dir=self.models_dir, bundled=self.bundled)

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Hash every file that no young seal spares; blocking. Raises ``IntegrityFailed``."""
        try:
            verify(form.files, folder, on_progress, self.sealing)
        except IntegrityFailed:
            self._disown(form.files, folder)
            raise

    def nearest(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder with the most of its files, or None."""
        return nearest_folder(recipe, form, models_dir=self.models_dir, bundled=self.bundled)

    def names_in(self, recipe_id: str) -> Sequence[str]:
        """Files in the folder that a model has, or had, in ``models_dir``."""
        return names_in(recipe_id, self.models_dir)

    def is_bundled(self, folder: Path) -> bool:
        """Whether a model's folder came with Carrel."""
        return folder.parent == self.bundled

    def check(self, file: RecipeFile, folder: Path, on_progress: Callable[[float], None]) -> FileVerdict:
        """Hash one file; blocking."""
        verdict = check(file, folder, on_progress, self.sealing)
        if verdict.state == "wrong":
            self._disown([file], folder)
        return verdict

    def scrub(self, file: RecipeFile, folder: Path, on_read: Callable[[int], None]) -> None:
        """Hash one file as it lies on the disk; blocking. Raises ``IntegrityFailed``."""
        try:
            read_to_end(file, folder, on_read, self.sealing, from_disk=True)
        except IntegrityFailed:
            self._disown([file], folder)
            raise

    def is_due(self, file: RecipeFile, folder: Path) -> bool:
        """Whether a file was not read for so long that it is time again."""
        return self.sealing is not None and is_due(file, folder, self.sealing)

    def trouble_of(self, recipe: Recipe, form: RecipeForm) -> str | None:
        """What was wrong with its files when they were read last; None where nothing was, or they were
        replaced since.
        """
        folder = self.folder_of(recipe, form)
        if folder is None or self.sealing is None:
            return None
        found = (known_trouble(file, folder, self.sealing) for file in form.files)
        return next((one for one in found if one is not None), None)

    def _disown(self, files: Sequence[RecipeFile], folder: Path) -> None:
        """A blob that is known to be wrong is not given to another model, nor taken for there by a pull."""
        if folder.parent != self.models_dir or self.sealing is None:
            return
        blobs = BlobStore(self.models_dir)
        for file in files:
            if known_trouble(file, folder, self.sealing) is not None:
                with suppress(CarrelError):  # what is wrong with the file is the news, not this
                    blobs.disown(folder.name, file)
