"""Results as a person reads them: tables by hand for what is looked at often, fields by name for the rest.

All data become ``rich.text.Text``, never markup: a key's label or a model's answer can hold ``[/foo]``.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from rich.console import Console, RenderableType

from appliance.client.presenting import (
    access,
    alerts,
    audit,
    box,
    budgets,
    bundles,
    catalogs,
    classes,
    downloads,
    duties,
    federation,
    hardware,
    join_screen,
    keys,
    lending,
    licenses,
    measuring,
    models,
    offline,
    oversight,
    pages,
    people,
    privacy,
    recipes,
    registry,
    registry_papers,
    reports,
    restrictions,
    samples,
    sharing,
    upstreams,
    usage,
    usage_reports,
    verifying,
)
from appliance.client.presenting.anything import fields_of

Presenter = Callable[[Any], RenderableType]

PRESENTERS: Final[Mapping[type[msgspec.Struct], Presenter]] = {
    **access.PRESENTERS,
    **alerts.PRESENTERS,
    **audit.PRESENTERS,
    **box.PRESENTERS,
    **budgets.PRESENTERS,
    **bundles.PRESENTERS,
    **catalogs.PRESENTERS,
    **classes.PRESENTERS,
    **downloads.PRESENTERS,
    **duties.PRESENTERS,
    **federation.PRESENTERS,
    **hardware.PRESENTERS,
    **join_screen.PRESENTERS,
    **keys.PRESENTERS,
    **measuring.PRESENTERS,
    **lending.PRESENTERS,
    **licenses.PRESENTERS,
    **models.PRESENTERS,
    **offline.PRESENTERS,
    **oversight.PRESENTERS,
    **pages.PRESENTERS,
    **privacy.PRESENTERS,
    **people.PRESENTERS,
    **recipes.PRESENTERS,
    **registry.PRESENTERS,
    **registry_papers.PRESENTERS,
    **reports.PRESENTERS,
    **restrictions.PRESENTERS,
    **samples.PRESENTERS,
    **sharing.PRESENTERS,
    **upstreams.PRESENTERS,
    **usage.PRESENTERS,
    **usage_reports.PRESENTERS,
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
    console.print(presentation(result), soft_wrap=not on_terminal)


def presentation(result: msgspec.Struct) -> RenderableType:
    """What a person sees of a result, wherever it is shown."""
    return PRESENTERS.get(type(result), fields_of)(result)
