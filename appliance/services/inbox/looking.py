"""What somebody has to look at: incidents, appeals, spot checks, flaw reports. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.domain.inbox import Kind, Urgency
from appliance.domain.oversight import Incident, Level
from appliance.domain.reports import Report
from appliance.domain.results import InboxRow
from appliance.domain.samples import Sample
from appliance.services.inbox.rows import row, said

_FOLLOWS: Final = {
    Level.NOTE: "nothing follows from it",
    Level.WARN: "they are warned with every answer",
    Level.THROTTLE: "their requests are slowed",
    Level.HOLD: "nothing is computed for them until somebody has looked, or a day has passed",
}
_URGENCY: Final = {
    Level.NOTE: Urgency.NOTE,
    Level.WARN: Urgency.SOON,
    Level.THROTTLE: Urgency.SOON,
    Level.HOLD: Urgency.NOW,
}


def incidents(current: Iterable[Incident]) -> Iterator[InboxRow]:
    """Those that nobody has looked at and nothing explains, and those that somebody objects to."""
    for one in current:
        if one.state == "appealed":
            yield _appeal(one)
        elif one.state == "open" and not one.explained_by:
            yield row(
                Kind.INCIDENT,
                one.id,
                f"Tripwire {one.wire} noticed {one.holder} of {one.project_id}: {_FOLLOWS[one.level]}.",
                urgency=_URGENCY[one.level],
                action="incident.decide",
                given={"id": one.id},
                since_ms=one.first_ms,
                project=one.project_id,
                person=one.holder,
            )


def _appeal(one: Incident) -> InboxRow:
    return row(
        Kind.APPEAL,
        one.id,
        f"{one.holder} of {one.project_id} objects to an incident of tripwire {one.wire}: {said(one.appeal)}",
        urgency=Urgency.NOW if one.level is Level.HOLD else Urgency.SOON,
        action="incident.decide",
        given={"id": one.id},
        since_ms=one.appealed_ms,
        project=one.project_id,
        person=one.holder,
    )


def samples(waiting: Iterable[Sample]) -> Iterator[InboxRow]:
    """Those without a verdict."""
    for one in waiting:
        yield row(
            Kind.SAMPLE,
            one.id,
            f"A request of {one.holder} to {one.model_id} waits for a verdict: does it fit what "
            f"{one.project_id} does ({said(one.purpose) or 'it has not said what'})?",
            urgency=Urgency.NOTE,
            action="sample.decide",
            given={"id": one.id},
            since_ms=one.taken_ms,
            project=one.project_id,
            person=one.holder,
        )


def reports(waiting: Iterable[Report]) -> Iterator[InboxRow]:
    """Those that nobody has triaged."""
    for one in waiting:
        yield row(
            Kind.REPORT,
            one.id,
            f"{one.holder} of {one.project_id} reports a {one.severity} flaw of {one.model.id} "
            f"({one.category}): {said(one.description)}",
            urgency=Urgency.NOW if one.severity == "critical" else Urgency.SOON,
            action="report.triage",
            given={"id": one.id},
            since_ms=one.made_ms,
            project=one.project_id,
            person=one.holder,
        )
