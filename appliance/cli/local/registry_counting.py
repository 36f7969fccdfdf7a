"""`carrel registry boxes`, `usage`, `check`, `checks` and `marks`: how boxes stand, what they report."""

from collections import Counter
from typing import Final, Literal

import msgspec

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import day_text, days_back, ms, office
from appliance.domain.results import (
    ReceivedLine,
    RegistryBox,
    RegistryBoxes,
    RegistryCheck,
    RegistryChecks,
    RegistryMark,
    RegistryMarks,
    RegistryStatementIssued,
    RegistryStatements,
    RegistryUsage,
    RegistryUseLine,
)
from appliance.federation.protocol.limits import LEAST_USERS
from appliance.policy.spreadsheets import csv_lines
from appliance.registry.operating.boxes import list_boxes
from appliance.registry.operating.checks import ask_check, list_checks
from appliance.registry.operating.finding import find_box
from appliance.registry.operating.marks import list_marks
from appliance.registry.operating.owner_statements import days_of, issue_statements
from appliance.registry.operating.usage import Asked, show_usage
from appliance.registry.store.boxes import Box
from appliance.registry.store.checks import SpotCheck
from appliance.registry.store.marks import Mark
from appliance.registry.store.uses import UseSum

_DAYS: Final = 29
_COLUMNS: Final = (
    "requests", "failed", "refused", "input_tokens", "output_tokens", "gflop", "credits_micro", "gpu_ms",
    "most_users",
)  # fmt: skip


def boxes(desk: Desk, *, at: str | None) -> RegistryBoxes:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        marked = Counter(mark.box_id for mark in list_marks(here))
        return RegistryBoxes(boxes=tuple(_box(one, marked[one.id]) for one in list_boxes(here)))


def usage(
    desk: Desk,
    *,
    at: str | None,
    by: Literal["institution", "model", "day", "box"],
    since: str | None,
    until: str | None,
    csv: bool,
) -> RegistryUsage:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        first = day_text(since, "since") if since else days_back(here.now_s, _DAYS)
        last = day_text(until, "until") if until else days_back(here.now_s, 0)
        lines = tuple(_line(one) for one in show_usage(here, Asked(by, first, last)))
    rows = [(line.name, *(getattr(line, column) for column in _COLUMNS)) for line in lines]
    written = csv_lines((by, *_COLUMNS), rows) if csv else ()
    return RegistryUsage(by=by, first_day=first, last_day=last, lines=lines, csv=written)


def check(
    desk: Desk, *, at: str | None, box: str, day: str | None, leaves: int, reason: str
) -> RegistryChecks:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        found = find_box(here, box)
        wanted = day_text(day, "day") if day else ""
        asked = ask_check(here, found.id, day=wanted, leaves=leaves, reason=reason)
        known = [one for one in list_checks(here) if one.id == asked.jti]
    return RegistryChecks(checks=tuple(_check(one) for one in known))


def checks(desk: Desk, *, at: str | None) -> RegistryChecks:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return RegistryChecks(checks=tuple(_check(one) for one in list_checks(here)))


def marks(desk: Desk, *, at: str | None, all: bool) -> RegistryMarks:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return RegistryMarks(marks=tuple(_mark(one) for one in list_marks(here, only_open=not all)))


def statement(desk: Desk, *, at: str | None, month: str, organization: str | None) -> RegistryStatements:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        issued = issue_statements(here, month, organization or "")
    first_day, last_day = days_of(month)
    return RegistryStatements(
        first_day=first_day,
        last_day=last_day,
        statements=tuple(
            RegistryStatementIssued(
                organization=one.organization,
                boxes=one.boxes,
                lines=tuple(ReceivedLine(**msgspec.structs.asdict(line)) for line in one.lines),
            )
            for one in issued
        ),
    )


def _box(box: Box, marked: int) -> RegistryBox:
    return RegistryBox(
        id=box.id,
        name=box.name,
        institution=box.institution_name,
        organization=box.organization,
        state=box.state,
        reason=box.reason,
        software=box.software,
        replaces=box.replaces,
        enrolled_ms=box.enrolled_s * 1000,
        seen_ms=box.seen_s * 1000,
        reported_ms=ms(box.reported_s),
        last_day=box.last_day,
        epoch=box.epoch,
        clock_off_s=box.clock_off_s,
        marks=marked,
    )


def _line(one: UseSum) -> RegistryUseLine:
    of = one.amounts
    return RegistryUseLine(
        name=one.name,
        requests=of.requests,
        failed=of.failed,
        refused=of.refused_budget + of.refused_license,
        input_tokens=of.input_tokens,
        output_tokens=of.output_tokens,
        gflop=of.gflop,
        credits_micro=of.credits_micro,
        gpu_ms=of.gpu_ms,
        most_users=of.users if of.users >= LEAST_USERS else None,
    )


def _check(one: SpotCheck) -> RegistryCheck:
    return RegistryCheck(
        id=one.id,
        box=one.box_id,
        epoch=one.epoch,
        seq=one.seq,
        leaves=one.leaves,
        reason=one.reason,
        made_ms=one.made_s * 1000,
        state=one.state,
        words=one.words,
        answered_ms=ms(one.answered_s),
    )


def _mark(one: Mark) -> RegistryMark:
    return RegistryMark(
        id=one.id,
        box=one.box_id,
        box_name=one.box_name,
        institution=one.institution,
        kind=one.kind,
        at_ms=one.at_s * 1000,
        epoch=one.epoch,
        seq=one.seq,
        words=one.words,
        settled_ms=ms(one.settled_s),
        settled_by=one.settled_by,
    )


HANDLERS: Final = {
    "boxes": boxes,
    "usage": usage,
    "check": check,
    "checks": checks,
    "marks": marks,
    "statement": statement,
}
