"""Models that labs lend each other, as an operator reads them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, table
from appliance.domain.plain_text import many_lines
from appliance.domain.results.peers import AccessEntry, BorrowedLine, BorrowedList, PeerLine, PeerList
from appliance.policy.budget import credits_text

_PEERS: Final = ("ID", "STATE", "INSTITUTION", "BOX", "MODEL", "USED", "LEFT", "A DAY", "UNTIL (UTC)")
_BORROWED: Final = ("MODEL", "OWNER", "STATE", "CREDITS", "A DAY", "UNTIL (UTC)")


def peers(result: PeerList) -> RenderableType:
    """A line each, and below it what they say or were told."""
    if not result.peers:
        return Text("No box of another lab.")
    rows = [
        (
            one.id,
            one.state,
            one.institution,
            one.box[:12],
            one.hosted,
            credits_text(one.spent_micro) if one.project else "",
            _left(one),
            str(one.requests_per_day or ""),
            day(one.until_ms) if one.until_ms else "",
        )
        for one in result.peers
    ]
    return Group(table(_PEERS, rows), *(cell(line) for one in result.peers for line in _said(one)))


def borrowed(result: BorrowedList) -> RenderableType:
    """A line each, and below it why one cannot be used."""
    if not result.borrowed:
        return Text("This box has asked for no model of another lab.")
    rows = [
        (
            one.model,
            one.organization,
            one.state,
            credits_text(one.limit_micro) if one.limit_micro is not None else "",
            str(one.requests_per_day or ""),
            day(one.until_ms) if one.until_ms else "",
        )
        for one in result.borrowed
    ]
    return Group(table(_BORROWED, rows), *(cell(line) for one in result.borrowed for line in _told(one)))


def entry(result: AccessEntry) -> RenderableType:
    """The recipe itself."""
    return Text(many_lines(result.toml))


def _left(one: PeerLine) -> str:
    if one.state != "granted":
        return ""
    return "without limit" if one.left_micro is None else credits_text(one.left_micro)


def _said(one: PeerLine) -> list[str]:
    if one.state == "asked":
        wants = f", about {one.wanted_per_day} requests a day" if one.wanted_per_day else ""
        days = f", for {one.wanted_days} days" if one.wanted_days else ""
        return [f"{one.id}, {one.contact}{wants}{days}: {' '.join(one.purpose.split())}"]
    return [f"{one.id}: {one.reason} ({one.decided_by})"] if one.reason else []


def _told(one: BorrowedLine) -> list[str]:
    lines = [f"{one.model}: {one.conditions}"] if one.conditions else []
    return [*lines, *([one.lacks] if one.lacks else [])]


PRESENTERS: Final[dict[Any, Any]] = {PeerList: peers, BorrowedList: borrowed, AccessEntry: entry}
