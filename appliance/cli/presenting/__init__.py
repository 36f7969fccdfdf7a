"""Results as a person reads them: tables by hand for what is looked at often, fields by name for the rest.

All data become ``rich.text.Text``, never markup: a key's label or a model's answer can hold ``[/foo]``.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from rich.console import Console, RenderableType

from appliance.cli.presenting import (
    accounts,
    box,
    bundles,
    catalogs,
    downloads,
    hardware,
    licenses,
    measuring,
    models,
    pages,
    recipes,
    upstreams,
    verifying,
)
from appliance.cli.presenting.anything import fields_of

Presenter = Callable[[Any], RenderableType]

PRESENTERS: Final[Mapping[type[msgspec.Struct], Presenter]] = {
    **accounts.PRESENTERS,
    **box.PRESENTERS,
    **bundles.PRESENTERS,
    **catalogs.PRESENTERS,
    **downloads.PRESENTERS,
    **hardware.PRESENTERS,
    **measuring.PRESENTERS,
    **licenses.PRESENTERS,
    **models.PRESENTERS,
    **pages.PRESENTERS,
    **recipes.PRESENTERS,
    **upstreams.PRESENTERS,
    **verifying.PRESENTERS,
}

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
    console.print(PRESENTERS.get(type(result), fields_of)(result), soft_wrap=not on_terminal)
