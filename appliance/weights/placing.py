"""Where the files of a model lie. Opens none of them."""

from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeForm


def folder_of(recipe: Recipe, form: RecipeForm, *, models_dir: Path, bundled: Path) -> Path | None:
    """The folder that holds every file of the form by name, or None.

    What was added to the box goes before what is bundled with it.

    Presence is all that is looked at; ``verifying.verify`` says whether the files are the right ones. A draft
    names no files, so it is nowhere.
    """
    if not form.files:
        return None
    for place in (models_dir, bundled):
        folder = place / recipe.id
        if all((folder / file.name).is_file() for file in form.files):
            return folder
    return None
