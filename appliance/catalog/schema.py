"""The JSON schema of recipes, made from the structs that read them: for editors, and for whoever writes one.

It says what single fields may be. What they must be together is said by the reader alone.
"""

import inspect
import json
from typing import Final

import msgspec

from appliance.catalog.toml_shape import RecipeToml

FILE_NAME: Final = "recipe.schema.json"
"""As it is called beside the recipes."""


def recipe_schema() -> bytes:
    """JSON Schema 2020-12, in lines; the same bytes every time."""
    schema = msgspec.json.schema(RecipeToml)
    named = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A recipe of Carrel",
        **schema,
    }
    return (json.dumps(_plain(named), indent=2, ensure_ascii=False) + "\n").encode()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: _text(name, one) if isinstance(one, str) else _plain(one) for name, one in value.items()
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _text(name: str, text: str) -> str:
    """JSON schemas have ECMAScript's patterns, where the end of a text is ``$``. Python 3.13 reads docstrings
    without the blanks that lines begin with, earlier ones with them.
    """
    if name == "pattern":
        return text.replace(r"\Z", "$")
    return inspect.cleandoc(text) if name == "description" else text
