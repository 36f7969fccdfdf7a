"""Rows about models that labs give and lend each other. Pure."""

from collections.abc import Sequence

from appliance.client.presenting.budgets import amount
from appliance.domain.results import ShareList
from appliance.domain.results.peers import BorrowedList, PeerLine
from tui.parts.cells import Cell, cell, state
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.parts.spans import age, left, tone_of_end


def shared(found: ShareList, *, ascii_only: bool) -> list[Row]:
    """What this lab gives others."""
    return [
        Row(
            one.model,
            (
                cell(one.model),
                cell(one.kind),
                state(one.state, ascii_only=ascii_only),
                cell(one.tier),
                cell("needed" if one.lease else "no", "quiet"),
                cell(one.reviewed_on, "quiet"),
            ),
            one,
        )
        for one in found.models
    ]


def shared_words(found: ShareList, now: int) -> list[Line]:
    """How the signed list stands with the registry."""
    if not found.version:
        return []
    gives = "gives files" if found.serves else "gives no files (`carrel config set share_weights true`)"
    lines: list[Line] = [
        [
            Cell(found.organization, "strong"),
            cell(f" list {found.version}, sent {age(found.sent_ms or None, now)}, "),
            cell(left(found.expires_ms, now), tone_of_end(found.expires_ms, now)),
            cell(f"; this box {gives}"),
        ]
    ]
    return [*lines, [cell(f"refused: {found.refused}", "bad")]] if found.refused else lines


def borrowed(found: BorrowedList, now: int, *, ascii_only: bool) -> list[Row]:
    """What other labs host and this box asked for."""
    return [
        Row(
            one.id,
            (
                cell(one.model),
                cell(one.organization),
                state(one.state, ascii_only=ascii_only),
                cell(one.requests_per_day or ""),
                _ends(one.until_ms, now),
                cell(one.lacks or one.reason, "warn"),
            ),
            one,
        )
        for one in found.borrowed
    ]


def peers(asking: Sequence[PeerLine], using: Sequence[PeerLine], now: int, *, ascii_only: bool) -> list[Row]:
    """Who asks first, then who uses."""
    known = {one.id: one for one in (*asking, *using)}
    order = sorted(known.values(), key=lambda one: (one.state != "asked", one.asked_ms))
    return [
        Row(
            one.id,
            (
                state(one.state, ascii_only=ascii_only),
                cell(one.institution),
                cell(one.hosted or one.model),
                cell(amount(one.spent_micro) if one.project else "", "quiet"),
                cell(_left(one)),
                _ends(one.until_ms, now),
                cell(_wants(one)),
            ),
            one,
        )
        for one in order
    ]


def _ends(until_ms: int | None, now: int) -> Cell:
    return cell("") if until_ms is None else cell(left(until_ms, now), tone_of_end(until_ms, now))


def _left(one: PeerLine) -> str:
    if one.state != "granted":
        return ""
    return "without limit" if one.left_micro is None else amount(one.left_micro)


def _wants(one: PeerLine) -> str:
    if one.state != "asked":
        return one.reason or one.conditions or one.purpose
    often = f"{one.wanted_per_day} a day" if one.wanted_per_day else ""
    long = f"{one.wanted_days} d" if one.wanted_days else ""
    return "; ".join(part for part in (one.purpose, often, long) if part)
