"""The arguments of an action as a closed struct, generated from the table for socket and command line."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from appliance.domain.action import Action, Argument, Kind
from appliance.errors import BadRequest

_PLACE: Final = re.compile(r" - at `\$\.(\w+)`\Z")
"""How msgspec ends the sentence about a field."""


@cache
def arguments_type(action: Action, title: str = "") -> type[msgspec.Struct]:
    """A frozen keyword-only struct that forbids unknown fields and bounds every one it has. ``title`` is
    its name where it is documented.
    """
    return msgspec.defstruct(
        title or f"Arguments of {action.name}",
        [_field(argument) for argument in action.arguments],
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )


def check_arguments(action: Action, values: Mapping[str, object]) -> dict[str, object]:
    """The values with defaults filled in; None is an argument that was not given.

    Raises ``BadRequest`` naming the argument and what it may be.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        checked = msgspec.convert(given, arguments_type(action))
        msgspec.json.encode(checked)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise _refusal(action, error) from error
    return msgspec.structs.asdict(checked)


def _field(argument: Argument) -> tuple[str, Any] | tuple[str, Any, Any]:
    kind = _kind(argument)
    if argument.required:
        return argument.name, kind
    return argument.name, kind if argument.default is not None else kind | None, argument.default


def _kind(argument: Argument) -> Any:  # noqa: ANN401 - an annotation has no narrower type
    if argument.choices:
        return Literal[argument.choices]
    match argument.kind:
        case Kind.FLAG:
            return bool
        case Kind.INTEGER:
            return Annotated[int, Meta(ge=argument.least, le=argument.most)]
        case Kind.DECIMAL:
            return Annotated[str, Meta(max_length=argument.most, pattern=r"^([0-9]+(\.[0-9]+)?|none)\Z")]
        case Kind.TEXT | Kind.FILE:
            return Annotated[str, Meta(min_length=1, max_length=argument.most)]


def _refusal(action: Action, error: Exception) -> BadRequest:
    name = action.name.replace(".", " ")
    found = _PLACE.search(str(error))
    argument = next((one for one in action.arguments if found and one.name == found[1]), None)
    if argument is not None:
        return BadRequest(f"`{argument.name}` of {name} must be {_words(argument)}.", param=argument.name)
    if isinstance(error, msgspec.ValidationError):
        return BadRequest(f"{name}: {error}.")
    return BadRequest(f"An argument of {name} is not text: it cannot be written as UTF-8.")


def _words(argument: Argument) -> str:
    if argument.choices:
        return "one of " + ", ".join(argument.choices)
    match argument.kind:
        case Kind.FLAG:
            return "true or false"
        case Kind.INTEGER:
            return f"a whole number from {argument.least} to {argument.most}"
        case Kind.DECIMAL:
            return "a number such as 0.25 and not below 0, as text, or none"
        case Kind.TEXT | Kind.FILE:
            return f"a text of 1 to {argument.most} characters"
