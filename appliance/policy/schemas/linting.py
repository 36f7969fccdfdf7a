"""Reads a schema and writes it anew: known words with values in their bounds, all else refused.

``lenient`` leaves out words that no answer can be kept to, where otherwise they are refused. The arguments of
a tool are read so: their schemas come from programs that were written for other servers, and an answer may
be held to less than they say.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final, NoReturn, cast

from appliance.errors import BadRequest
from appliance.policy.schemas.closing import closed
from appliance.policy.schemas.endings import least_bytes
from appliance.policy.schemas.multiples import common_multiple
from appliance.policy.schemas.reading import Place, Reading
from appliance.policy.schemas.values import (
    LEFT_OUT,
    check_characters,
    check_format,
    check_items,
    check_multiple,
    check_names,
    check_number,
    check_pattern,
    check_reference,
    check_text,
    check_types,
    check_value,
    check_values,
)
from appliance.policy.schemas.words import (
    DEFINITIONS,
    MOST_ANSWER_BYTES,
    MOST_BYTES,
    MOST_COMMON_MULTIPLE,
    MOST_DEPTH,
    MOST_PROPERTIES,
    MOST_SCHEMAS,
    NOTES,
)

_Object = dict[str, object]


def check_schema(text: str, *, param: str, patterns: bool = False, lenient: bool = False) -> str:
    """The schema with nothing in it but what can be kept to, as compact JSON.

    Raises ``BadRequest`` for ``param``, which names the place inside the schema. ``patterns`` allows regular
    expressions.
    """
    reading = Reading(param, patterns=patterns, lenient=lenient)
    return written(_whole(reading, decoded(text, param)))


def decoded(text: str, param: str) -> object:
    """The JSON of a schema. Raises ``BadRequest``."""
    if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise BadRequest(f"The schema has over {MOST_BYTES} bytes; send a smaller one.", param=param)
    try:
        return cast("object", json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise BadRequest("The schema is not JSON, or is nested too deep.", param=param) from error


def written(schema: _Object) -> str:
    """As compact JSON."""
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(reading: Reading, root: object) -> _Object:
    """The schema at the root, with its definitions."""
    if not isinstance(root, dict):
        raise BadRequest("The schema must be a JSON object.", param=reading.param)
    checked = cast("_Object", _schema(reading, root, Place()))
    definitions = {
        word: cast("_Object", _named(reading, root[word], Place().word(word)))
        for word in DEFINITIONS
        if word in root
    }
    for word, name, place in reading.references:
        if name not in definitions.get(word, {}):
            reading.refuse(place, "names a definition that the schema does not have")
    if common_multiple(reading.multiples) > MOST_COMMON_MULTIPLE:
        reading.refuse(Place("multipleOf"), f"has too many digits, over {MOST_COMMON_MULTIPLE} in common")
    whole = {**checked, **definitions}
    if least_bytes(whole) > MOST_ANSWER_BYTES:
        reading.refuse(Place(), "allows no answer that is short enough")
    return closed(whole)


def _schema(reading: Reading, node: object, place: Place) -> _Object | bool:
    reading.schemas += 1
    if place.depth > MOST_DEPTH:
        reading.refuse(place, f"is nested deeper than {MOST_DEPTH}")
    if reading.schemas > MOST_SCHEMAS:
        reading.refuse(place, f"is one too many; a schema may have {MOST_SCHEMAS} within it")
    if isinstance(node, bool):
        return node
    if not isinstance(node, dict):
        reading.refuse(place, "must be an object, true or false")
    checked: _Object = {}
    for word, value in node.items():
        if word not in NOTES and word not in DEFINITIONS:
            _keyword(reading, word, value, place, checked)
    return _typed(checked)


def _keyword(reading: Reading, word: str, value: object, place: Place, checked: _Object) -> None:
    check = _KNOWN.get(word)
    if check is None or (word in _WITH_PATTERNS and not reading.patterns):
        if not reading.lenient and (word, value) != ("uniqueItems", False):
            reading.refuse_word(word, place)
        return
    result = check(reading, value, place.word(word))
    if result is LEFT_OUT:
        return
    # A union that may overlap cannot be kept to; one that may be taken either way can.
    loosened = reading.lenient and word == "oneOf" and "anyOf" not in checked
    checked["anyOf" if loosened else word] = result


def _typed(checked: _Object) -> _Object:
    """With the type that its words are about, where it names none: what was meant, and not more."""
    if "type" not in checked:
        for kind, words in _ABOUT.items():
            if not words.isdisjoint(checked):
                return {"type": kind, **checked}
    return checked


def _named(reading: Reading, value: object, place: Place) -> object:
    if not isinstance(value, dict):
        reading.refuse(place, "must be an object")
    if len(value) > MOST_PROPERTIES:
        reading.refuse(place, f"has over {MOST_PROPERTIES} entries")
    return {
        check_text(reading, name, place): _schema(reading, one, place.within(name))
        for name, one in value.items()
    }


def _patterned(reading: Reading, value: object, place: Place) -> object:
    for expression in value if isinstance(value, dict) else ():
        check_pattern(reading, expression, place)
    return _named(reading, value, place)


def _single(reading: Reading, value: object, place: Place) -> object:
    if isinstance(value, list) and reading.lenient:
        return LEFT_OUT
    return _schema(reading, value, place.below())


def _several(reading: Reading, value: object, place: Place) -> object:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PROPERTIES:
        reading.refuse(place, f"must be a list of 1 to {MOST_PROPERTIES} schemas")
    return [_schema(reading, one, place.within(index)) for index, one in enumerate(value)]


_ABOUT: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset(("properties", "required", "additionalProperties", "patternProperties")),
    "array": frozenset(("items", "prefixItems")),
}
_WITH_PATTERNS: Final = frozenset(("pattern", "patternProperties"))
_KNOWN: Final[Mapping[str, Callable[[Reading, object, Place], object]]] = {
    "$ref": check_reference,
    "additionalProperties": _single,
    "allOf": _several,
    "anyOf": _several,
    "const": check_value,
    "enum": check_values,
    "exclusiveMaximum": check_number,
    "exclusiveMinimum": check_number,
    "format": check_format,
    "items": _single,
    "maxItems": check_items,
    "maxLength": check_characters,
    "maxProperties": check_items,
    "maximum": check_number,
    "minItems": check_items,
    "minLength": check_characters,
    "minProperties": check_items,
    "minimum": check_number,
    "multipleOf": check_multiple,
    "oneOf": _several,
    "pattern": check_pattern,
    "patternProperties": _patterned,
    "prefixItems": _several,
    "properties": _named,
    "required": check_names,
    "type": check_types,
}
"""Of each keyword what its value has to be."""
