"""What waits for somebody, each with the command that decides it."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, table
from appliance.domain.actions import action
from appliance.domain.command_line import command_of
from appliance.domain.results import Inbox, InboxRow

_COLUMNS: Final = ("HOW SOON", "SINCE (UTC)", "WHAT", "WHO WAITS FOR WHAT", "NEXT")
_STYLES: Final = {"now": "red", "soon": "yellow"}


def inbox(result: Inbox) -> RenderableType:
    """One line a matter."""
    if not result.rows:
        return Text("Nothing waits for you.")
    rows = [
        (
            Text(cell(one.urgency).plain, style=_STYLES.get(one.urgency, "")),
            "" if one.since_ms is None else day(one.since_ms),
            one.kind.replace("_", " "),
            one.text,
            next_command(one),
        )
        for one in result.rows
    ]
    made = table(_COLUMNS, rows)
    return Group(made, Text(f"{result.left_out} more wait.")) if result.left_out else made


def next_command(one: InboxRow) -> str:
    """The command line, as far as it is known."""
    given = {argument.name: argument.value for argument in one.arguments}
    try:
        return command_of(action(one.action), given)
    except KeyError:
        # A newer gateway has an action that this program does not know.
        return one.action


PRESENTERS: Final[dict[Any, Any]] = {Inbox: inbox}
