"""The command that does what an action with its arguments does: what a person pastes into a script."""

import shlex
from collections.abc import Mapping
from typing import Final

from appliance.domain.action import Action, Argument, Kind

PROGRAM: Final = "carrel"


def words_of(
    action: Action, arguments: Mapping[str, object], files: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The words after the program's name. ``files`` are the paths of arguments that are files; one without a
    path is read from standard input. What is not given, or is the default, is left out.
    """
    named, placed = list[str](), list[str]()
    for argument in action.arguments:
        value = arguments.get(argument.name)
        if value is None or value is False:
            continue
        if argument.kind is Kind.FILE:
            value = (files or {}).get(argument.name, "-")
        if argument.positional:
            placed.append(str(value))
        elif value != argument.default:
            named += _option(argument, value)
    guarded = ["--", *placed] if any(one.startswith("-") and one != "-" for one in placed) else placed
    return (*action.noun.split(), action.verb, *named, *guarded)


def command_of(
    action: Action, arguments: Mapping[str, object], files: Mapping[str, str] | None = None
) -> str:
    """The whole line, quoted for a shell."""
    return shlex.join((PROGRAM, *words_of(action, arguments, files)))


def _option(argument: Argument, value: object) -> list[str]:
    name = "--" + argument.name.replace("_", "-")
    return (
        [name] if value is True else [f"{name}={value}"] if str(value).startswith("-") else [name, str(value)]
    )
