"""What the box itself warns of, and what projects owe. Pure."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from appliance.domain.days import DAY_MS, day_text
from appliance.domain.duties import DutyRecord, Owed, OwedDuty
from appliance.domain.inbox import Kind, Urgency
from appliance.domain.results import InboxRow
from appliance.policy.duties.wording import duty_words
from appliance.services.inbox.rows import row, said

_MIB: Final = 2**20
_WEEK_MS: Final = 7 * DAY_MS


def alarms(sentences: Iterable[str]) -> Iterator[InboxRow]:
    """What `carrel status` warns of."""
    for one in sentences:
        name = hashlib.sha256(one.encode()).hexdigest()[:12]
        yield row(Kind.ALARM, name, one, urgency=Urgency.SOON, action="status")


def storage(
    trouble: str | None, free_bytes: Iterable[tuple[str, int]], least_bytes: int
) -> Iterator[InboxRow]:
    """``free_bytes`` of the disks of folders, by what these are for. Below a quarter of the least it is
    urgent.
    """
    if trouble:
        yield row(Kind.STORAGE, "ledger", trouble, urgency=Urgency.NOW, action="status")
    for name, free in free_bytes:
        if free < least_bytes:
            yield row(
                Kind.STORAGE,
                name,
                f"{free // _MIB} MiB are free on the disk of the folder for {name}.",
                urgency=Urgency.NOW if free < least_bytes // 4 else Urgency.SOON,
                action="status",
            )


def duties(project: str, owed: Owed, records: Iterable[DutyRecord], now_ms: int) -> Iterator[InboxRow]:
    """What a project has not done for the compute that it used."""
    handed_in = {
        str(one.duty): one.id for one in records if one.accepted_ms is None and one.withdrawn_ms is None
    }
    for one in owed.open:
        record = handed_in.get(one.duty)
        yield row(
            Kind.DUTY,
            f"{project}/{one.duty}",
            _words(project, one),
            urgency=_urgency(one, now_ms),
            action="duty.accept" if record else "duty.show",
            given={"id": record} if record else {"project": project},
            since_ms=one.since_ms,
            project=project,
        )


def _words(project: str, one: OwedDuty) -> str:
    if one.state == "overdue":
        return f"Nothing is computed for {project}, which owes {duty_words(one)}: {said(one.next_step)}"
    by = "" if one.due_ms is None else f" by {day_text(one.due_ms)} (UTC)"
    if one.state == "submitted":
        return f"{project} has handed in {duty_words(one)}, which it owes{by}; a reviewer signs it off."
    return f"{project} owes {duty_words(one)}{by}: {said(one.next_step)}"


def _urgency(one: OwedDuty, now_ms: int) -> Urgency:
    if one.state == "overdue":
        return Urgency.NOW
    near = one.due_ms is not None and one.due_ms - now_ms < _WEEK_MS
    return Urgency.SOON if near or one.state == "submitted" else Urgency.NOTE
