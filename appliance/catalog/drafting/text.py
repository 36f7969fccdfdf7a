"""A recipe as TOML that people read: short facts first, comments where something has to be looked at.

Whatever a person could not see is written as an escape, so that what is approved is what was read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from appliance.catalog.toml_shape import RecipeToml

Comments = Mapping[str, Sequence[str]]
"""By the field that they stand above, such as ``license`` or ``forms.memory``; those of ``""`` at the top."""
_LITERAL: Final = "'''"


def recipe_text(recipe: RecipeToml, comments: Comments) -> str:
    """The whole file. What has its default is left out."""
    lines = [*_comment(comments, ""), *_fields(recipe, "", comments), *_tables(recipe, "", comments)]
    return "\n".join(lines) + "\n"


def _fields(struct: msgspec.Struct, path: str, comments: Comments) -> Iterator[str]:
    for name, value in _said(struct):
        if not _is_table(value):
            yield from _comment(comments, _below(path, name))
            yield f"{name} = {_value(value)}"


def _tables(struct: msgspec.Struct, path: str, comments: Comments) -> Iterator[str]:
    for name, value in _said(struct):
        if not _is_table(value):
            continue
        below = _below(path, name)
        for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
            yield ""
            yield from _comment(comments, below) if number == 0 else ()
            yield f"[[{below}]]" if isinstance(value, tuple) else f"[{below}]"
            yield from _fields(one, below, comments)
            yield from _tables(one, below, comments)


def _said(struct: msgspec.Struct) -> Iterator[tuple[str, object]]:
    config = struct.__struct_config__
    if config.tag is not None and config.tag_field is not None:
        yield config.tag_field, config.tag
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        if value is not None and value not in ((), field.default):
            yield field.encode_name, value


def _is_table(value: object) -> bool:
    first = value[0] if isinstance(value, tuple) else value
    return isinstance(first, msgspec.Struct)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _comment(comments: Comments, path: str) -> Iterator[str]:
    for line in comments.get(path, ()):
        yield f"# {_visible(line)}"


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:_}"
        case float():
            return repr(value)
        case tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
        case _:
            return _string(str(value))


def _string(text: str) -> str:
    """As it is, over several lines, where it has some and all of it can be seen."""
    plain = all(one == "\n" or one.isprintable() for one in text)
    if "\n" in text and plain and _LITERAL not in text and not text.endswith("'"):
        return f"{_LITERAL}\n{text}{_LITERAL}"
    return "".join(_escaped(one) for one in json.dumps(text, ensure_ascii=False))


def _escaped(one: str) -> str:
    if one.isprintable():
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 2**16 else f"\\U{ord(one):08x}"


def _visible(line: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in line)
