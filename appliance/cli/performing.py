"""Has an action carried out: by the gateway, or by the file in ``cli.local`` that does it here."""

import importlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import msgspec

from appliance.cli.awaiting import awaited
from appliance.cli.desk import Desk
from appliance.cli.following import Following
from appliance.cli.leaving import Leaving
from appliance.cli.reading_texts import READ_FIRST
from appliance.domain.action import Action, Place

LocalHandler = Callable[..., msgspec.Struct]
"""Takes the desk and, by keyword, the action's arguments; returns the action's result."""


def perform(
    desk: Desk, action: Action, arguments: Mapping[str, object], *, follow: bool = True
) -> msgspec.Struct:
    """The action's result; of one that goes on in the box as it is at its end, unless nobody wants to
    ``follow``. Raises whatever error of Carrel stands in its way.
    """
    if action.place is Place.LOCAL:
        return local_handler(action)(desk, **arguments)
    if action.name in READ_FIRST:
        arguments = READ_FIRST[action.name](desk, arguments)
    leaving = Leaving(desk) if action.name == "down" else None
    with Following(desk) if action.long else nullcontext(), desk.gateway() as gateway:
        result = gateway.run(action.name, arguments)
    if leaving is not None:
        leaving.wait()
    return awaited(desk, action, result) if action.follows and follow else result


def local_handler(action: Action) -> LocalHandler:
    """What carries out a local action; found when needed, so that no command imports another's."""
    name = action.noun or action.verb
    module = importlib.import_module(f"appliance.cli.local.{name.replace(' ', '_')}")
    handlers: Mapping[str, LocalHandler] = module.HANDLERS
    return handlers[action.verb]
