"""The ``Weights`` port of the model service over the folders of this box."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeForm
from appliance.weights.placing import folder_of
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
