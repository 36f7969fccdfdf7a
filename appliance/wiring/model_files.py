"""The ``Weights`` ports of the services over the folders of this box."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.verification import FileVerdict
from appliance.weights.checking import check
from appliance.weights.placing import folder_of, nearest_folder
from appliance.weights.verifying import verify


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Files an operator added lie in ``models_dir``, those that came with Carrel in ``bundled``."""

    models_dir: Path
    bundled: Path

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        return folder_of(recipe, form, models_dir=self.models_dir, bundled=self.bundled)

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Hash every file; blocking. Raises ``IntegrityFailed``."""
        verify(form.files, folder, on_progress)

    def nearest(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder with the most of its files, or None."""
        return nearest_folder(recipe, form, models_dir=self.models_dir, bundled=self.bundled)

    def check(self, file: RecipeFile, folder: Path, on_progress: Callable[[float], None]) -> FileVerdict:
        """Hash one file; blocking."""
        return check(file, folder, on_progress)
