"""A JSON schema in words that a person reads: ``list of text (1 to 256 characters), at most 16 entries``."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}
_RANGES: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " entries"),
    ("minProperties", "maxProperties", " fields"),
)
_OPEN_BOUNDS: Final = {"exclusiveMinimum": "above {}", "exclusiveMaximum": "below {}"}


def name_of(ref: str) -> str:
    """The name of the schema that a ``$ref`` points to."""
    return ref.rpartition("/")[2]


def words_for(schema: Schema) -> str:
    """What values the schema takes. Null is left out: it is the same as leaving the field out."""
    if "$ref" in schema:
        return name_of(schema["$ref"])
    if "anyOf" in schema:
        kinds = [words_for(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"] if one is not None)
    if "const" in schema:
        return str(schema["const"])
    return ", ".join([_kind(schema), *_bounds(schema)])


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        items = schema.get("items")
        if not isinstance(items, Mapping) or not items:
            return "list"
        each, _, bounds = words_for(items).partition(", ")
        return f"list of {each} ({bounds})" if bounds else f"list of {each}"
    return _TYPES.get(kind, str(kind))


def _bounds(schema: Schema) -> list[str]:
    closed = [_range(schema.get(least), schema.get(most), what) for least, most, what in _RANGES]
    opened = [says.format(schema[name]) for name, says in _OPEN_BOUNDS.items() if name in schema]
    return [bound for bound in (*opened, *closed) if bound]


def _range(least: float | None, most: float | None, what: str) -> str:
    if least is not None and most is not None:
        return f"{least} to {most}{what}"
    if least is not None:
        return f"at least {least}{what}"
    return "" if most is None else f"at most {most}{what}"
