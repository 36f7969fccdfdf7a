"""Rows about the registry: what waits to leave and was refused, leases, notices, checks. Pure."""

from collections.abc import Iterator
from typing import Final

from appliance.domain.results import (
    FedChecks,
    FedNotices,
    FedStatus,
    LeaseList,
    LeaseRequestSummary,
    LeaseSummary,
)
from tui.parts.cells import Cell, cell, clock, state
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.parts.spans import age, left, tone_of_end

ALONE: Final = (
    "This box belongs to no registry; it needs none. `carrel help federation` says what one is for."
)


def standing(status: FedStatus, now: int) -> list[Line]:
    """Where the box belongs, and how the last sync went."""
    told: list[Line] = [[Cell(f"{one.name}: ", "quiet"), cell(one.text)] for one in status.lines]
    if not status.enrolled:
        return [[Cell(ALONE)], *told]
    organization = f", {status.organization}" if status.organization else ""
    reports = Cell("reports its use", "ok") if status.reporting else Cell("DOES NOT REPORT its use", "warn")
    due = "by hand" if status.next_ms is None else clock(status.next_ms)
    return [
        [Cell(f"{status.registry} ({status.address})", "strong")],
        [cell(f"{status.institution}{organization}; this box "), reports],
        [
            Cell("last sync ", "quiet"),
            cell(f"{age(status.last_ms, now)}: {status.outcome}"),
            Cell(f"; next {due}", "quiet"),
        ],
        *told,
    ]


def outbox(status: FedStatus, now: int, *, ascii_only: bool) -> list[Row]:
    """What was refused, one by one, then what waits, by kind."""
    refused = [
        Row(
            one.id,
            (
                state("refused", ascii_only=ascii_only),
                cell(one.kind),
                cell(1),
                cell(age(one.made_ms, now), "quiet"),
                cell(f"{one.problem}: {one.summary}", "bad"),
                cell(one.id, "quiet"),
            ),
            one,
        )
        for one in status.refused
    ]
    waiting = [
        Row(
            f"{one.state} {one.kind}",
            (
                state(one.state, ascii_only=ascii_only),
                cell(one.kind),
                cell(one.count),
                cell("" if one.oldest_ms is None else age(one.oldest_ms, now), "quiet"),
                cell("goes with the next sync" if one.state == "waiting" else "", "quiet"),
                cell(""),
            ),
            one,
        )
        for one in status.outbox
        if one.state != "refused"
    ]
    return [*refused, *waiting]


def leases(found: LeaseList, now: int, *, ascii_only: bool) -> list[Row]:
    """Those that are here, the first to end first, then what was asked for."""
    held = sorted(found.leases, key=lambda one: one.until_ms)
    return [
        *(_lease(one, now, ascii_only) for one in held),
        *(_asked(one, now, ascii_only) for one in found.requests),
    ]


def lease_words(found: LeaseList) -> Iterator[Line]:
    """Whom the box believes, and what is wrong."""
    believed = ", ".join(found.registries) or "nobody yet"
    yield [Cell("this box is ", "quiet"), cell(found.box), Cell("; it believes ", "quiet"), cell(believed)]
    if found.clock:
        yield [cell(found.clock, "bad")]
    if found.not_believed:
        yield [cell(f"{found.not_believed} stored leases are not what a believed registry signed.", "bad")]


def notices(found: FedNotices, now: int) -> list[Row]:
    """The newest first."""
    return [
        Row(one.id, (cell(age(one.taken_ms, now), "quiet"), cell(one.text)), one) for one in found.notices
    ]


def checks(found: FedChecks, now: int, *, ascii_only: bool) -> list[Row]:
    """Open ones first."""
    order = sorted(found.checks, key=lambda one: (one.state != "open", -one.came_ms))
    return [
        Row(
            one.id,
            (
                state("waits" if one.state == "open" else one.state, ascii_only=ascii_only),
                cell(age(one.came_ms, now), "quiet"),
                cell(f"{one.epoch}/{one.seq}"),
                cell(one.rows),
                cell(one.reason),
                cell(one.why, "quiet"),
            ),
            one,
        )
        for one in order
    ]


def _lease(one: LeaseSummary, now: int, ascii_only: bool) -> Row:
    note = "; ".join(part for part in (one.note, "for a term" if one.term else "", *one.purposes) if part)
    return Row(
        f"lease {one.id}",
        (
            cell(one.model),
            state(one.state, ascii_only=ascii_only),
            cell(left(one.until_ms, now), tone_of_end(one.until_ms, now)),
            cell(left(one.grace_until_ms, now), "quiet"),
            cell(note),
            cell(one.id, "quiet"),
        ),
        one,
    )


def _asked(one: LeaseRequestSummary, now: int, ascii_only: bool) -> Row:
    asked = f"asked {age(one.asked_ms, now)}" if one.asked_ms else "goes with the next sync"
    note = f"denied: {one.denied}" if one.denied else asked
    return Row(
        f"wish {one.model}",
        (
            cell(one.model),
            state("denied" if one.denied else "waits", ascii_only=ascii_only),
            cell(left(one.until_ms, now) if one.until_ms else "", "quiet"),
            cell(""),
            cell(note, "bad" if one.denied else ""),
            cell(""),
        ),
        one,
    )
