"""The values of keywords that hold no schema. Each check gives back what is to be written."""

import re
from typing import Final, cast

from appliance.policy.schemas.reading import Place, Reading
from appliance.policy.schemas.words import (
    ENFORCED_FORMATS,
    LOOSE_FORMATS,
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_ITEMS,
    MOST_NUMBER,
    MOST_PATTERN,
    MOST_PROPERTIES,
    MOST_VALUES,
    TYPES,
)

_REFERENCE: Final = re.compile(r"#(?:/(\$defs|definitions)/([A-Za-z0-9_.-]{1,128}))?\Z")
LEFT_OUT: Final = object()
"""In place of a value: its keyword is not written."""
_HALF_OR_NUL: Final = re.compile("[\0\ud800-\udfff]")


def check_text(reading: Reading, value: object, place: Place) -> str:
    """A text that an answer can hold."""
    if not isinstance(value, str):
        reading.refuse(place, "must hold texts")
    if _HALF_OR_NUL.search(value):
        reading.refuse(place, "has a text with a NUL or half of a character in it")
    return value


def check_value(reading: Reading, value: object, place: Place) -> object:
    """Any JSON, of a ``const`` or an ``enum``."""
    if place.depth > MOST_DEPTH:
        reading.refuse(place, f"is nested deeper than {MOST_DEPTH}")
    match value:
        case str():
            check_text(reading, value, place)
        case dict():
            for name, one in value.items():
                check_text(reading, name, place)
                check_value(reading, one, place.below())
        case list():
            for one in value:
                check_value(reading, one, place.below())
        case int() | float() if not abs(value) <= MOST_NUMBER:
            reading.refuse(place, f"has a number beyond {MOST_NUMBER}")
    return value


def check_values(reading: Reading, value: object, place: Place) -> object:
    """Of an ``enum``."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
        reading.refuse(place, f"must be a list of 1 to {MOST_VALUES} values")
    return [check_value(reading, one, place) for one in value]


def check_types(reading: Reading, value: object, place: Place) -> object:
    """One type, or a list of them."""
    named = value if isinstance(value, list) else [value]
    if not named or not all(isinstance(one, str) and one in TYPES for one in named):
        reading.refuse(place, f"must be of {', '.join(sorted(TYPES))}")
    return list(dict.fromkeys(named)) if isinstance(value, list) else value


def check_names(reading: Reading, value: object, place: Place) -> object:
    """Of ``required``."""
    if not isinstance(value, list) or len(value) > MOST_PROPERTIES:
        reading.refuse(place, f"must be a list of at most {MOST_PROPERTIES} names")
    return list(dict.fromkeys(check_text(reading, name, place) for name in value))


def check_characters(reading: Reading, value: object, place: Place) -> object:
    """A length of a string."""
    return _count(reading, value, place, MOST_CHARACTERS)


def check_items(reading: Reading, value: object, place: Place) -> object:
    """A length of an array, or a number of properties."""
    return _count(reading, value, place, MOST_ITEMS)


def check_number(reading: Reading, value: object, place: Place) -> object:
    """A bound of a number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        reading.refuse(place, "must be a number")
    if not abs(value) <= MOST_NUMBER:
        reading.refuse(place, f"must lie within {MOST_NUMBER} of 0")
    return value


def check_multiple(reading: Reading, value: object, place: Place) -> object:
    """A ``multipleOf``."""
    number = cast("float", check_number(reading, value, place))
    if number <= 0:
        reading.refuse(place, "must be over 0")
    reading.multiples.add(number)
    return value


def check_format(reading: Reading, value: object, place: Place) -> object:
    """A ``format`` that an answer is kept to; others are notes."""
    if isinstance(value, str) and value in ENFORCED_FORMATS:
        return value
    if not (reading.lenient or (isinstance(value, str) and value in LOOSE_FORMATS)):
        reading.refuse(place, f"must be of {', '.join(sorted(ENFORCED_FORMATS))}")
    return LEFT_OUT


def check_reference(reading: Reading, value: object, place: Place) -> object:
    """A ``$ref`` to the root or to one of its definitions."""
    found = _REFERENCE.match(value) if isinstance(value, str) else None
    if reading.lenient and (found is None or not found[1]):
        # The root is another one where the schema becomes a part of what a call looks like.
        return LEFT_OUT
    if found is None:
        reading.refuse(place, "must be `#`, or `#/$defs/` and the name of a definition")
    if found[1]:
        reading.references.append((found[1], found[2], place))
    return value


def check_pattern(reading: Reading, value: object, place: Place) -> object:
    """A regular expression, which the compiler has to understand yet."""
    if len(check_text(reading, value, place)) > MOST_PATTERN:
        reading.refuse(place, f"has over {MOST_PATTERN} characters")
    return value


def _count(reading: Reading, value: object, place: Place, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        reading.refuse(place, f"must be a whole number from 0 to {most}")
    return value
