"""Asks a person before something is lost: what can be lost decides whether, and says how much."""

import click

from appliance.cli.desk import Desk
from appliance.domain.action import Action, Blast


def ask_back(desk: Desk, action: Action) -> None:
    """Ask, where the action's blast is worth it. Raises ``click.Abort`` for a no."""
    loss = _loss(desk, action)
    if loss:
        click.confirm(f"{loss} Go on?", abort=True, err=True)


def _loss(desk: Desk, action: Action) -> str:
    """What would be lost, as a sentence; empty where it is nothing."""
    if action.blast is Blast.DESTROYS:
        return f"{action.summary} This cannot be undone."
    if action.blast is not Blast.INTERRUPTS:
        return ""
    queue = desk.status().queue
    if queue.running + queue.waiting == 0:
        return ""
    return f"{queue.running} requests run and {queue.waiting} wait; they may not end well."
