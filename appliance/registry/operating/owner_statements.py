"""Tells organizations what others used of their models, a month at a time, without a number that could be
about somebody.

What fewer than ten people are known to have used is not told. A statement is for the boxes of the
organization; the same numbers again are the same statement.
"""

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

import msgspec

from appliance.errors import BadRequest, NotFound
from appliance.federation.protocol.bounds import MOST
from appliance.federation.protocol.kinds import STATEMENT
from appliance.federation.protocol.limits import LEAST_USERS
from appliance.federation.protocol.statements import OwnerStatementClaims, StatementLine
from appliance.registry.identifiers import new_id
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.office import Office
from appliance.registry.store import boxes, settings
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session
from appliance.registry.store.uses_of_models import ModelUse, elsewhere

AFTER_DAYS: Final = 5
"""So long after a month's end its statements are made: most boxes have reported by then."""
MOST_LINES: Final = 1000


@dataclass(frozen=True, slots=True)
class Issued:
    """One organization's statement, and how many of its boxes it is for."""

    organization: str
    first_day: str
    last_day: str
    boxes: int
    lines: tuple[StatementLine, ...]


def issue_statements(office: Office, month: str, organization: str = "") -> Sequence[Issued]:
    """Of one month (``2026-10``), to one organization or to all whose models were used. Raises
    ``BadRequest``, ``NotFound``, ``StorageUnavailable``.
    """
    days = days_of(month)
    if days[1] >= _day(office).isoformat():
        raise BadRequest("That month is not over yet, so its numbers are not known.", param="month")
    with office.acting() as session:
        readers = _readers(session, organization)
        issued = [_issue(session, office, name, found, days) for name, found in readers.items()]
        told = [one for one in issued if one.lines]
        office.note(session, "registry.statement", organization or "all", f"{month}: {len(told)}")
    return told


def issue_due(office: Office) -> Sequence[Issued]:
    """Those of the last month, once. Raises ``StorageUnavailable``."""
    today = _day(office)
    if today.day <= AFTER_DAYS:
        return []
    month = (today.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    mine = new_id("stm")
    with office.database.transaction() as session:
        first = settings.kept(session, f"statements {month}", lambda: mine) == mine
    return issue_statements(office, month) if first else []


def days_of(month: str) -> tuple[str, str]:
    """Its first day and its last. Raises ``BadRequest``."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise BadRequest("A month is written as 2026-10.", param="month") from None
    return first.isoformat(), first.replace(day=monthrange(first.year, first.month)[1]).isoformat()


def statement_lines(uses: Iterable[ModelUse]) -> tuple[StatementLine, ...]:
    """A line a model, from rows in the order of their models."""
    grouped = (list(rows) for _, rows in groupby(uses, key=lambda one: one.model))
    return tuple(_line(rows) for rows in grouped)[:MOST_LINES]


def _line(rows: Sequence[ModelUse]) -> StatementLine:
    told = sum(one.users for one in rows) >= LEAST_USERS
    return StatementLine(
        model=rows[0].model,
        boxes=len(rows),
        institutions=len({one.institution for one in rows}),
        requests=_sum(one.requests for one in rows) if told else None,
        input_tokens=_sum(one.input_tokens for one in rows) if told else None,
        output_tokens=_sum(one.output_tokens for one in rows) if told else None,
        gflop=_sum(one.gflop for one in rows) if told else None,
    )


def _sum(counts: Iterable[int]) -> int:
    """Of many boxes it may be more than JSON readers take."""
    return min(sum(counts), MOST)


def _readers(session: Session, organization: str) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = {}
    for box in boxes.all_of(session):
        if box.organization and box.state == "active" and organization in {"", box.organization}:
            found.setdefault(box.organization, []).append(box)
    if organization and not found:
        raise NotFound("No box has enrolled for an organization of that name.", param="organization")
    return found


def _issue(
    session: Session, office: Office, name: str, readers: Sequence[Box], days: tuple[str, str]
) -> Issued:
    lines = statement_lines(elsewhere(session, name, *days))
    issued = Issued(name, *days, len(readers), lines)
    for box in readers if lines else ():
        put_mail(session, box.number, STATEMENT, _claims(office, box, issued))
    return issued


def _claims(office: Office, box: Box, issued: Issued) -> OwnerStatementClaims:
    digest = hashlib.sha256(
        msgspec.json.encode((box.id, issued.organization, issued.first_day, issued.lines))
    )
    return OwnerStatementClaims(
        iss=office.about.name,
        sub=box.id,
        jti=f"stm_{digest.hexdigest()[:24]}",
        iat=office.now_s,
        organization=issued.organization,
        first_day=issued.first_day,
        last_day=issued.last_day,
        lines=issued.lines,
    )


def _day(office: Office) -> date:
    return datetime.fromtimestamp(office.now_s, UTC).date()
