"""Sizes of models as the recipes that Carrel brings tell them."""

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import read_recipe

RECIPES = {
    recipe.id: recipe
    for recipe in (read_recipe(path).value() for path in sorted(recipes_folder().glob("*.toml")))
}


def shapes_of(model):
    return RECIPES[model].shapes
