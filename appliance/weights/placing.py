"""Where the files of a model lie. Opens none of them."""

import os
from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import IntegrityFailed
from appliance.weights.plain_names import plain_id


def folder_of(recipe: Recipe, form: RecipeForm, *, models_dir: Path, bundled: Path) -> Path | None:
    """The folder that holds every file of the form by name, or None.

    What was added to the box goes before what is bundled with it, but where it is of other sizes: then it is
    of another revision.

    More than sizes is not looked at; ``verifying.verify`` says whether the files are the right ones. A draft
    names no files, so it is nowhere; a model that is hosted elsewhere may need none.
    """
    if not form.files and recipe.upstream is None:
        return None
    folders = _folders(recipe, models_dir, bundled)
    whole = [folder for folder in folders if all((folder / file.name).is_file() for file in form.files)]
    return next((folder for folder in whole if _fits(form, folder)), whole[0] if whole else None)


def nearest_folder(recipe: Recipe, form: RecipeForm, *, models_dir: Path, bundled: Path) -> Path | None:
    """The folder that holds the most files of the form by name, whatever they are; None where there is
    none.
    """

    def there(folder: Path) -> int:
        return sum(os.path.lexists(folder / file.name) for file in form.files)

    nearest = max(_folders(recipe, models_dir, bundled), key=there)
    return nearest if there(nearest) else None


def names_in(recipe_id: str, models_dir: Path) -> list[str]:
    """Regular files in the folder of a model that was added to the box, by name; none where it is none."""
    try:
        with os.scandir(models_dir / plain_id(recipe_id)) as entries:
            return sorted(one.name for one in entries if one.is_file(follow_symlinks=False))
    except (OSError, IntegrityFailed):
        return []


def _fits(form: RecipeForm, folder: Path) -> bool:
    try:
        return all((folder / file.name).stat().st_size == file.size_bytes for file in form.files)
    except OSError:
        return False  # taken away just now


def _folders(recipe: Recipe, models_dir: Path, bundled: Path) -> tuple[Path, Path]:
    return models_dir / recipe.id, bundled / recipe.id
