"""The schema beside the recipes is the one of this version, and what it allows is what the reader reads."""

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator, ValidationError

from appliance.catalog.places import recipes_folder
from appliance.catalog.schema import FILE_NAME, recipe_schema

SCHEMA = json.loads(recipe_schema())
RECIPES = sorted(recipes_folder().glob("*.toml"))


def test_the_file_beside_the_recipes_is_current():
    """If it is not: `carrel recipe schema > recipes/recipe.schema.json`."""
    assert (recipes_folder() / FILE_NAME).read_bytes() == recipe_schema()


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert r"\Z" not in recipe_schema().decode()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_keeps_to_it(path):
    Draft202012Validator(SCHEMA).validate(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../up"},
        {"revision": "1"},
        {"trust_remote_code": True},
        {"license": {"expression": "LicenseRef-x", "title": "X"}},
        {"sources": [{"kind": "hub", "repository": "one/two", "folder": "/srv"}]},
        {"sources": [{"kind": "elsewhere"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_the_reader_refuses_it_refuses_too(change):
    told = tomllib.loads((recipes_folder() / "handbook-tiny.toml").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate({**told, **change})
