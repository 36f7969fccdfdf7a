"""Where the files of a model lie. Opens none of them."""

import os
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeForm


def folder_of(recipe: Recipe, form: RecipeForm, *, models_dir: Path, bundled: Path) -> Path | None:
    """The folder that holds every file of the form by name, or None.

    What was added to the box goes before what is bundled with it.

    Presence is all that is looked at; ``verifying.verify`` says whether the files are the right ones. A draft
    names no files, so it is nowhere; a model that is hosted elsewhere may need none.
    """
    if not form.files and recipe.upstream is None:
        return None
    for folder in _folders(recipe, models_dir, bundled):
        if all((folder / file.name).is_file() for file in form.files):
            return folder
    return None


def nearest_folder(recipe: Recipe, form: RecipeForm, *, models_dir: Path, bundled: Path) -> Path | None:
    """The folder that holds the most files of the form by name, whatever they are; None where there is
    none.
    """

    def there(folder: Path) -> int:
        return sum(os.path.lexists(folder / file.name) for file in form.files)

    nearest = max(_folders(recipe, models_dir, bundled), key=there)
    return nearest if there(nearest) else None


def _folders(recipe: Recipe, models_dir: Path, bundled: Path) -> tuple[Path, Path]:
    return models_dir / recipe.id, bundled / recipe.id
