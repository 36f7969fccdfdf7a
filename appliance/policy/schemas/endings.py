"""How short an answer to a schema can be: one that never ends, or needs a million items, is of no use.

A lower bound, from below: what a definition needs is endless until something shorter is known, as often as
that changes anything.
"""

import json
from collections.abc import Iterable, Mapping
from math import inf
from typing import Final, cast

from appliance.policy.schemas.words import DEFINITIONS, TYPES

_MOST_ROUNDS: Final = 16
"""Definitions that refer to each other in a longer chain, out of order, are taken for endless."""

_Schema = object
_Sizes = dict[str, float]


def least_bytes(whole: Mapping[str, object]) -> float:
    """Bytes of the shortest JSON that keeps to a checked schema, or fewer; infinite where there is none."""
    definitions: dict[str, _Schema] = {"#": whole}
    for word in DEFINITIONS:
        for name, one in _items(whole.get(word)):
            definitions[f"#/{word}/{name}"] = one
    sizes: _Sizes = dict.fromkeys(definitions, inf)
    for _ in range(_MOST_ROUNDS):
        before = dict(sizes)
        for reference in reversed(definitions):
            sizes[reference] = _least(definitions[reference], sizes)
        if sizes == before:
            break
    return sizes["#"]


def _least(node: _Schema, sizes: _Sizes) -> float:
    if isinstance(node, bool):
        return 1 if node else inf
    schema = cast("Mapping[str, object]", node)
    least = min(_of_type(kind, schema, sizes) for kind in _types(schema))
    if "$ref" in schema:
        least = max(least, sizes[cast("str", schema["$ref"])])
    if "const" in schema:
        least = max(least, _length(schema["const"]))
    if "enum" in schema:
        least = max(least, min(_length(one) for one in _list(schema["enum"])))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            least = max(least, min(_least(one, sizes) for one in _list(schema[word])))
    return max([least, *(_least(one, sizes) for one in _list(schema.get("allOf")))])


def _types(schema: Mapping[str, object]) -> Iterable[str]:
    named = schema.get("type", TYPES)
    return (named,) if isinstance(named, str) else cast("Iterable[str]", named)


def _of_type(kind: str, schema: Mapping[str, object], sizes: _Sizes) -> float:
    match kind:
        case "object":
            return 2 + _properties(schema, sizes)
        case "array":
            return 2 + _elements(schema, sizes)
        case "string":
            return 2 + cast("int", schema.get("minLength", 0))
        case _:
            return 1


def _properties(schema: Mapping[str, object], sizes: _Sizes) -> float:
    properties = dict(_items(schema.get("properties")))
    others = schema.get("additionalProperties", True)
    required = cast("Iterable[str]", schema.get("required", ()))
    return sum(len(name) + 3 + _least(properties.get(name, others), sizes) for name in required)


def _elements(schema: Mapping[str, object], sizes: _Sizes) -> float:
    count = cast("int", schema.get("minItems", 0))
    if not count:
        return 0
    first = _list(schema.get("prefixItems"))[:count]
    rest = count - len(first)
    others = rest * _least(schema.get("items", True), sizes) if rest else 0
    return sum(_least(one, sizes) for one in first) + others


def _length(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _list(value: object) -> list[object]:
    return cast("list[object]", value or [])


def _items(value: object) -> Iterable[tuple[str, object]]:
    return cast("Mapping[str, object]", value or {}).items()
