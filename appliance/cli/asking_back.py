"""Asks a person before something is lost: what can be lost decides whether, and says how much."""

from collections.abc import Mapping
from typing import Final

import click
import msgspec

from appliance.cli.desk import Desk
from appliance.domain.action import Action, Blast
from appliance.domain.results import Removal

_REHEARSAL: Final = "dry_run"
"""The argument of actions that can say beforehand what they would do."""


def ask_back(desk: Desk, action: Action, arguments: Mapping[str, object] = {}) -> None:
    """Ask, where the action's blast is worth it. Raises ``click.Abort`` for a no."""
    loss = "" if arguments.get(_REHEARSAL) else _loss(desk, action, arguments)
    if loss:
        click.confirm(f"{loss} Go on?", abort=True, err=True)


def _loss(desk: Desk, action: Action, arguments: Mapping[str, object]) -> str:
    """What would be lost, as a sentence; empty where it is nothing."""
    if action.blast is Blast.DESTROYS:
        what = _rehearsed(desk, action, arguments) if _REHEARSAL in arguments else action.summary
        return f"{what} This cannot be undone."
    if action.blast is not Blast.INTERRUPTS:
        return ""
    queue = desk.status().queue
    if queue.running + queue.waiting == 0:
        return ""
    return f"{queue.running} requests run and {queue.waiting} wait; they may not end well."


def _rehearsed(desk: Desk, action: Action, arguments: Mapping[str, object]) -> str:
    with desk.gateway() as gateway:
        return _words(gateway.run(action.name, {**arguments, _REHEARSAL: True}), action)


def _words(result: msgspec.Struct, action: Action) -> str:
    from appliance.client.presenting.downloads import removal_sentence  # noqa: PLC0415 - rich is slow to import

    return removal_sentence(result) if isinstance(result, Removal) else action.summary
