"""What needs somebody: rows of the inbox, and the deeds that a row can become. Pure."""

from collections.abc import Iterable
from typing import Final

from appliance.domain.action import Action, Argument, Kind, Permission
from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import InboxRow
from tui.deeds import Deed
from tui.parts.cells import Cell, cell, clock, state
from tui.parts.rows import Row
from tui.parts.short import span
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("WHEN", 5),
    Column("WHAT", share=1, least=20),
    Column("SINCE", 7, right=True, from_width=56),
    Column("NEXT", 17, from_width=100),
)
Pair = tuple[str, Cell | str]
_YES: Final = ("approve", "grant")
_NO: Final = ("deny",)


def rows_of(rows: Iterable[InboxRow], now_ms: int) -> list[Row]:
    """In their order: the most urgent first."""
    return [
        Row(
            f"{one.kind} {one.id}",
            (
                cell(one.urgency.upper(), state(one.urgency).tone or "quiet"),
                cell(one.text),
                cell("-" if one.since_ms is None else span((now_ms - one.since_ms) // 1000), "quiet"),
                cell(one.action.replace(".", " "), "quiet"),
            ),
            one,
        )
        for one in rows
    ]


def known_action(row: InboxRow) -> Action | None:
    """Of a row of a newer box the action may be one that this viewer does not know."""
    try:
        return action_of(row.action)
    except KeyError:
        return None


def given(row: InboxRow) -> dict[str, object]:
    """The arguments that are known."""
    return {one.name: one.value for one in row.arguments}


def opened(row: InboxRow) -> Deed | None:
    """Its action with what is known, to be filled in; what only shows something is shown at once."""
    action = known_action(row)
    if action is None:
        return None
    asks = action.permission is not Permission.READ
    return Deed(row.action, given(row), form=asks, subject=row.id)


def approval(row: InboxRow) -> Deed | None:
    """The deed that says yes; None where there is nothing to approve."""
    action = known_action(row)
    if action is None:
        return None
    if action.verb == "accept" and action.permission is Permission.REVIEW:
        return Deed(row.action, given(row), subject=row.id)
    return _decided(row, action, _YES, 0)


def refusal(row: InboxRow) -> Deed | None:
    """The deed that says no. It is asked why."""
    action = known_action(row)
    return _decided(row, action, _NO, -1) if action else None


def _decided(row: InboxRow, action: Action, flags: Iterable[str], place: int) -> Deed | None:
    """By a flag, or by a verdict: the first of its choices is the kindest, the last the hardest."""
    said = {one.name: one for one in action.arguments}
    found = next((name for name in flags if _is_flag(said.get(name))), "")
    verdict = said.get("verdict")
    if found:
        return Deed(row.action, {**given(row), found: True}, form=place != 0, subject=row.id)
    if verdict is not None and verdict.choices:
        return Deed(row.action, {**given(row), "verdict": verdict.choices[place]}, form=True, subject=row.id)
    return None


def _is_flag(argument: Argument | None) -> bool:
    return argument is not None and argument.kind is Kind.FLAG


def command(row: InboxRow) -> str:
    """What decides it on the command line."""
    action = known_action(row)
    return command_of(action, given(row)) if action else ""


def pairs(row: InboxRow) -> list[Pair]:
    """All that is known of it."""
    made: list[Pair] = [
        ("what", row.text),
        ("kind", row.kind.replace("_", " ")),
        ("id", row.id),
    ]
    made += [(name, value) for name, value in (("project", row.project), ("person", row.person)) if value]
    if row.since_ms is not None:
        made.append(("since", f"{clock(row.since_ms)} UTC"))
    made += [("urgency", row.urgency), ("command", command(row) or f"{row.action}, of a newer Carrel")]
    return made
