"""Leaves no room for properties that a schema does not name and does not mention either way.

JSON Schema lets an object have any others, and a small model goes on inventing some. An answer without them
is one that the schema allows too. Objects stay open where another part of the schema may speak of the same
ones: then closing one part could leave no answer at all.
"""

from typing import Final

_Object = dict[str, object]

_OPEN: Final = frozenset((
    "additionalProperties", "patternProperties", "minProperties", "anyOf", "oneOf", "$ref",
))  # fmt: skip
_NAMED: Final = ("properties", "$defs", "definitions")
_LISTED: Final = ("prefixItems", "anyOf", "oneOf")
_SINGLE: Final = ("items", "additionalProperties")


def closed(schema: _Object) -> _Object:
    """The same schema, where it never joins two descriptions of one object, with its objects closed."""
    return schema if _joins(schema) else _closed(schema)


def _closed(node: _Object) -> _Object:
    changed: _Object = {}
    for word, value in node.items():
        if word in _NAMED and isinstance(value, dict):
            changed[word] = {name: _subschema(one) for name, one in value.items()}
        elif word in _LISTED and isinstance(value, list):
            changed[word] = [_subschema(one) for one in value]
        elif word in _SINGLE:
            changed[word] = _subschema(value)
        else:
            changed[word] = value
    properties = node.get("properties")
    if isinstance(properties, dict) and _OPEN.isdisjoint(node) and _names_all(node, properties):
        changed["additionalProperties"] = False
    return changed


def _subschema(value: object) -> object:
    return _closed(value) if isinstance(value, dict) else value


def _names_all(node: _Object, properties: _Object) -> bool:
    required = node.get("required", [])
    return isinstance(required, list) and all(name in properties for name in required)


def _joins(value: object) -> bool:
    """Whether some object is described in two places: by ``allOf``, or beside a union or a reference."""
    if isinstance(value, list):
        return any(map(_joins, value))
    if not isinstance(value, dict):
        return False
    beside = not {"properties", "required"}.isdisjoint(value)
    if "allOf" in value or (beside and not {"anyOf", "oneOf", "$ref"}.isdisjoint(value)):
        return True
    return any(map(_joins, value.values()))
