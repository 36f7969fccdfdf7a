"""Forms made from the table of actions: a field an argument, with the same bounds and the same help."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import msgspec

from appliance.domain.action import Action, Argument, Kind
from appliance.domain.arguments import arguments_type

_FILLED: Final = frozenset({"project", "person"})
"""The session's key gives them."""
_LONG: Final = 300
"""Characters from which on a text is written over several lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind`` is ``text``, ``long``, ``number``, ``choice`` or ``flag``."""

    name: str
    label: str
    help: str
    kind: str
    required: bool
    value: str
    choices: tuple[str, ...]
    least: int
    most: int


def fields_of(action: Action, *names: str, values: dict[str, str] | None = None) -> tuple[Field, ...]:
    """The fields of these arguments, in their order; ``values`` stand in them already."""
    known = {one.name: one for one in action.arguments}
    return tuple(_field(known[name], (values or {}).get(name)) for name in names)


@cache
def form_of(action: Action) -> type[msgspec.Struct]:
    """What ``read_form`` reads: every argument that a form may give."""
    asked = tuple(one for one in action.arguments if one.name not in _FILLED)
    return arguments_type(replace(action, arguments=asked), f"Form of {action.name}")


def _field(argument: Argument, value: str | None) -> Field:
    default = "" if argument.default is None else str(argument.default)
    return Field(
        name=argument.name,
        label=argument.name.replace("_", " ").capitalize(),
        help=argument.help,
        kind=_kind(argument),
        required=argument.required,
        value=default if value is None else value,
        choices=argument.choices,
        least=argument.least,
        most=argument.most,
    )


def _kind(argument: Argument) -> str:
    if argument.choices:
        return "choice"
    match argument.kind:
        case Kind.INTEGER:
            return "number"
        case Kind.FLAG:
            return "flag"
        case _:
            return "long" if argument.most >= _LONG else "text"
