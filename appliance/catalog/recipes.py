"""Reads a folder of recipes into the catalog, and finds a model in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from appliance.catalog.toml_shape import RecipeToml
from appliance.domain.model import MODEL_ID
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import ConfigInvalid, ModelNotFound

MAX_RECIPE_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every model that may be served, ordered by id."""

    recipes: tuple[Recipe, ...]

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """What ``id`` or ``id@form`` names. Raises ``ModelNotFound``."""
        if MODEL_ID.match(model_id):
            for recipe in self.recipes:
                form = recipe.form_of(model_id)
                if form is not None:
                    return recipe, form
        raise ModelNotFound("No such model in the catalog; `carrel model list --all` shows what there is.")


def load_catalog(folder: Path, upstreams: Path | None = None) -> Catalog:
    """Read every ``*.toml`` of ``folder``, and those that the lab wrote into ``upstreams``, if it is there.

    Raises ``ConfigInvalid`` naming file and field.
    """
    if not folder.is_dir():
        raise ConfigInvalid("The folder of recipes is missing; install Carrel again.")
    recipes = {path.stem: read_recipe(path).value() for path in sorted(folder.glob("*.toml"))}
    for path in sorted(upstreams.glob("*.toml")) if upstreams else ():
        recipe = _read_upstream(path)
        if recipe.id in recipes:
            raise ConfigInvalid(f"Recipe {path.name}: there is a model of that name already; choose another.")
        recipes[recipe.id] = recipe
    return Catalog(tuple(sorted(recipes.values(), key=lambda recipe: recipe.id)))


def _read_upstream(path: Path) -> Recipe:
    """The lab may add models that are hosted elsewhere. What runs here comes with Carrel."""
    recipe = read_recipe(path).value()
    if recipe.upstream is None:
        raise ConfigInvalid(
            f"Recipe {path.name}: this folder is for models hosted elsewhere, so it needs `[upstream]`."
        )
    return recipe


def read_recipe(path: Path) -> RecipeToml:
    """Read one recipe. Its file is named by its id, so two recipes can never share one.

    Raises ``ConfigInvalid`` naming file and field.
    """
    recipe = _decode(path)
    if path.name != f"{recipe.id}.toml":
        raise ConfigInvalid(f"Recipe {path.name}: `id` is {recipe.id}, so the file must be {recipe.id}.toml.")
    return recipe


def _decode(path: Path) -> RecipeToml:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_RECIPE_BYTES + 1)
    except OSError as error:
        raise ConfigInvalid(f"Recipe {path.name} cannot be read: {error.strerror}.") from error
    if len(raw) > MAX_RECIPE_BYTES:
        raise ConfigInvalid(f"Recipe {path.name} is larger than {MAX_RECIPE_BYTES} bytes.")
    try:
        return msgspec.toml.decode(raw, type=RecipeToml)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"Recipe {path.name}: {error}.") from error
    except RecursionError as error:
        raise ConfigInvalid(f"Recipe {path.name} is nested too deep.") from error
