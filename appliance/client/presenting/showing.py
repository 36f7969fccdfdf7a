"""Shows any result: on standard output, or as something that rich and Textual can draw."""

import sys
from typing import Final

import msgspec
from rich.console import Console, RenderableType

from appliance.client.presenting.anything import fields_of
from appliance.client.presenting.drawn import PRESENTERS

_UNBOUNDED_COLUMNS: Final = 10_000
"""Width where nobody looks: a program that reads lines must get whole ones."""


def present(result: msgspec.Struct) -> None:
    """Print a result to standard output; color and wrapping only on a terminal. rich obeys NO_COLOR."""
    on_terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        markup=False,
        highlight=False,
        emoji=False,
        width=None if on_terminal else _UNBOUNDED_COLUMNS,
    )
    console.print(presentation(result), soft_wrap=not on_terminal)


def presentation(result: msgspec.Struct) -> RenderableType:
    """What a person sees of a result, wherever it is shown."""
    return PRESENTERS.get(type(result), fields_of)(result)
