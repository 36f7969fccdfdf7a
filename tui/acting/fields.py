"""Which kind of field each argument gets, and from what fields hold to arguments. Decides only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.domain.action import Action, Argument, Kind
from appliance.domain.arguments import check_arguments
from appliance.domain.plain_text import one_line
from appliance.errors import BadRequest
from tui.acting.ladder import REHEARSAL
from tui.acting.sources import Source, source_of

_A_FILE: Final = "-"
"""Stands for a file's text while it was not read."""
_WORDS: Final = {"yes": True, "no": False}


class Drawn(StrEnum):
    """How a field is drawn."""

    LINE = "line"
    CHOICE = "choice"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``choices`` are the words of one that is chosen; the first stands for nothing given where
    that is allowed. ``before`` is what it holds when the form opens; ``exact`` is what that stands for,
    where it cannot be shown as it is.
    """

    argument: Argument
    drawn: Drawn
    before: str = ""
    choices: tuple[str, ...] = ()
    source: Source | None = None
    exact: object = None

    @property
    def name(self) -> str:
        """Of its argument."""
        return self.argument.name

    @property
    def label(self) -> str:
        """With a star where it has to be filled in."""
        return f"{self.name.replace('_', ' ')}{' *' if self.argument.required else ''}"

    @property
    def several(self) -> bool:
        """It takes more than one of what is offered, with commas."""
        return self.name in {"models", "gpus"}


def fields_of(action: Action, known: Mapping[str, object]) -> tuple[Field, ...]:
    """Those of a form, in the table's order, what is missing before what may be. The rehearsal is a button
    and no field.
    """
    made = [_field(action, one, known.get(one.name)) for one in action.arguments if one.name != REHEARSAL]
    return tuple(sorted(made, key=lambda one: not one.argument.required))


def _field(action: Action, argument: Argument, known: object) -> Field:
    if argument.kind is Kind.FLAG:
        return Field(argument, Drawn.CHOICE, "yes" if known else "no", ("no", "yes"))
    if argument.choices:
        spare = () if argument.required or argument.default is not None else ("-",)
        words = (*spare, *argument.choices)
        before = known if known is not None else argument.default
        return Field(argument, Drawn.CHOICE, str(before) if before in words else words[0], words)
    if argument.kind is Kind.FILE:
        # A text that came with the deed stays, unless somebody names a file.
        return Field(argument, Drawn.FILE, "", exact=known)
    value = known if known is not None else argument.default
    text = "" if value is None else str(value)
    source = source_of(action, argument)
    return Field(argument, Drawn.LINE, one_line(text), source=source, exact=None if value is None else value)


def values_of(fields: tuple[Field, ...], texts: Mapping[str, str]) -> dict[str, object]:
    """The arguments that the fields' texts mean, files by their paths. What was not given is left out."""
    made = {}
    for field in fields:
        value = _value(field, texts.get(field.name, field.before))
        if value is not None:
            made[field.name] = value
    return made


def _value(field: Field, text: str) -> object:
    argument = field.argument
    if argument.kind is Kind.FLAG:
        return _WORDS.get(text) or None
    if field.drawn is Drawn.CHOICE:
        return None if text == "-" else text
    if field.drawn is not Drawn.FILE and text == field.before and field.exact is not None:
        return field.exact
    stripped = text.strip()
    if not stripped:
        return None
    if argument.kind is Kind.INTEGER:
        return int(stripped) if _is_integer(stripped) else stripped
    return stripped


def _is_integer(text: str) -> bool:
    return len(text) <= 20 and text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()


def fault_of(action: Action, fields: tuple[Field, ...], values: Mapping[str, object]) -> BadRequest | None:
    """What the gateway would refuse, named by the argument; None where it would take the values."""
    for field in fields:
        argument = field.argument
        if values.get(field.name) is not None or (field.drawn is Drawn.FILE and field.exact is not None):
            continue
        if argument.required:
            return BadRequest("This is needed.", param=field.name)
        if argument.asked_with and values.get(argument.asked_with) is not None:
            also = argument.asked_with.replace("_", " ")
            return BadRequest(f"This is needed with {also}.", param=field.name)
    files = {one.name for one in action.arguments if one.kind is Kind.FILE}
    stand_ins = {name: _A_FILE if name in files else value for name, value in values.items()}
    try:
        check_arguments(action, {**dict.fromkeys(_needed_files(action), _A_FILE), **stand_ins})
    except BadRequest as error:
        return error
    return None


def _needed_files(action: Action) -> list[str]:
    return [one.name for one in action.arguments if one.kind is Kind.FILE and one.required]


def hint_of(field: Field) -> str:
    """What a field may hold, behind its argument's own sentence."""
    argument = field.argument
    bounds = {
        Kind.INTEGER: f"a whole number from {argument.least} to {argument.most}",
        Kind.DECIMAL: "a number such as 0.25",
        Kind.FILE: f"a file of at most {argument.most} bytes; ctrl+o looks for it",
    }
    bound = "" if argument.choices else bounds.get(argument.kind, "")
    return f"{argument.help} ({bound})" if bound else argument.help
