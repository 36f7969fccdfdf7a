"""Reads a folder of recipes into the catalog, and finds a model in it."""

from collections.abc import Iterable
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


def load_catalog(folder: Path) -> Catalog:
    """Read every ``*.toml`` of ``folder``. Raises ``ConfigInvalid`` naming file and field."""
    if not folder.is_dir():
        raise ConfigInvalid("The folder of recipes is missing; install Carrel again.")
    return in_order(read_recipe(path).value() for path in folder.glob("*.toml"))


def in_order(recipes: Iterable[Recipe]) -> Catalog:
    """The catalog of these."""
    return Catalog(tuple(sorted(recipes, key=lambda recipe: recipe.id)))


def read_recipe(path: Path) -> RecipeToml:
    """Read one recipe. Its file is named by its id, so two recipes can never share one.

    Raises ``ConfigInvalid`` naming file and field.
    """
    return decode_named(read_raw(path), path.name)


def read_raw(path: Path) -> bytes:
    """The bytes of one recipe, within bounds. Raises ``ConfigInvalid`` naming the file."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_RECIPE_BYTES + 1)
    except OSError as error:
        raise ConfigInvalid(f"Recipe {path.name} cannot be read: {error.strerror}.") from error
    if len(raw) > MAX_RECIPE_BYTES:
        raise ConfigInvalid(f"Recipe {path.name} is larger than {MAX_RECIPE_BYTES} bytes.")
    return raw


def decode_named(raw: bytes, name: str) -> RecipeToml:
    """A recipe whose file ``name`` has to be that of its id. Raises ``ConfigInvalid``."""
    recipe = decode_recipe(raw, name)
    if name != f"{recipe.id}.toml":
        raise ConfigInvalid(f"Recipe {name}: `id` is {recipe.id}, so the file must be {recipe.id}.toml.")
    return recipe


def decode_recipe(raw: bytes, name: str) -> RecipeToml:
    """What the TOML says. ``name`` is how errors call it. Raises ``ConfigInvalid`` naming the field."""
    try:
        return msgspec.toml.decode(raw, type=RecipeToml)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"Recipe {name}: {error}.") from error
    except RecursionError as error:
        raise ConfigInvalid(f"Recipe {name} is nested too deep.") from error
