"""Asks a person for arguments that others bring with them: whoever accepts a license says who they are."""

from collections.abc import Mapping

import click

from appliance.domain.action import Action


def ask_for_more(action: Action, given: Mapping[str, object]) -> dict[str, object]:
    """What was given, and the answers. Raises ``click.Abort`` where somebody gives up."""
    asked = [
        one
        for one in action.arguments
        if one.asked_with and given.get(one.asked_with) is not None and given.get(one.name) is None
    ]
    answers = {one.name: click.prompt(one.help.rstrip("."), err=True) for one in asked}
    return {**given, **answers}
