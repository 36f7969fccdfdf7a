"""Copies of the bundled model's forms, to be damaged and looked at."""

from pathlib import Path

from appliance.catalog.recipes import load_catalog
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.weights.inspecting.order import FileOrder, InspectOrder

RECIPES = Path(__file__).parents[2] / "recipes"
FOLDER = RECIPES / "handbook-tiny"
GGUF, SAFETENSORS = "handbook-tiny-q8_0.gguf", "model.safetensors"


def form_of(model_id: str) -> tuple[Recipe, RecipeForm]:
    return load_catalog(RECIPES).find(model_id)


def order_of(model_id: str, folder: Path) -> InspectOrder:
    """The form's files, in ``folder`` where they lie there, else where they came with Carrel."""
    recipe, form = form_of(model_id)
    places = {file.name: folder / file.name for file in form.files}
    files = tuple(
        FileOrder(name, str(place if place.exists() or place.is_symlink() else FOLDER / name))
        for name, place in places.items()
    )
    return InspectOrder(
        engine=form.engine,
        files=files,
        context_tokens=recipe.context_tokens,
        pooling=recipe.pooling,
        precision=form.precision,
    )
