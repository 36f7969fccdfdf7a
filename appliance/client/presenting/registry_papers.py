"""What a registry lets boxes do: leases, policies, agreements, applications."""

from typing import Any, Final

from rich.console import RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain import results

_SHORT: Final = 12


def leases(result: results.RegistryLeases) -> RenderableType:
    """One a line."""
    if not result.leases:
        return Text("No lease is in force.")
    rows = [
        (
            one.id,
            one.box_name,
            one.institution,
            one.model,
            day(one.until_ms),
            day(one.grace_until_ms),
            "term" if one.term else "",
            state(one.state),
            one.reason,
        )
        for one in result.leases
    ]
    columns = ("LEASE", "BOX", "INSTITUTION", "MODEL", "UNTIL (UTC)", "GRACE UNTIL", "KIND", "STATE", "WHY")
    return table(columns, rows)


def lease_issued(result: results.RegistryLeaseIssued) -> RenderableType:
    """One line."""
    return cell(
        f"{result.id}: {result.box[:_SHORT]} may serve {result.model} until {day(result.until_ms)} UTC. "
        "It gets that at its next sync."
    )


def lease_changed(result: results.RegistryLeaseChanged) -> RenderableType:
    """One line."""
    return cell(
        f"The right of {result.box_name} to {result.model} is {result.state}. Boxes learn that at their next "
        "sync."
    )


def policies(result: results.RegistryPolicies) -> RenderableType:
    """One a line."""
    if not result.policies:
        return Text("No policy was set: leases last 30 days and 14 of grace, by agreement; 120 for a course.")
    rows = [
        (
            one.model,
            f"{one.days} + {one.grace_days}",
            f"{one.term_days} + {one.term_grace_days}" if one.term_days else "none",
            _yes(one.needs_agreement),
            _yes(one.needs_application),
            "at once" if one.countersigns_at_once else "a person",
            one.terms_sha256[:_SHORT],
        )
        for one in result.policies
    ]
    columns = ("MODEL", "DAYS", "FOR A COURSE", "AGREEMENT", "APPLICATION", "DECIDED BY", "TERMS")
    return table(columns, rows)


def agreements(result: results.RegistryAgreements) -> RenderableType:
    """One a line."""
    if not result.agreements:
        return Text("There is no agreement yet: carrel registry agreement add INSTITUTION --until DAY")
    rows = [
        (
            one.id,
            one.institution,
            one.model,
            day(one.from_ms),
            day(one.until_ms),
            "" if one.ended_ms is None else day(one.ended_ms),
            one.note,
        )
        for one in result.agreements
    ]
    return table(("AGREEMENT", "INSTITUTION", "MODEL", "FROM (UTC)", "UNTIL", "ENDED", "NOTE"), rows)


def applications(result: results.RegistryApplications) -> RenderableType:
    """One a line."""
    if not result.applications:
        return Text("No application.")
    rows = [
        (one.id, one.box[:_SHORT], one.model, one.affiliation, day(one.received_ms), state(one.state))
        for one in result.applications
    ]
    return table(("APPLICATION", "BOX", "MODEL", "AFFILIATION", "CAME (UTC)", "STATE"), rows)


def application(result: results.RegistryApplication) -> RenderableType:
    """All that was sent."""
    decided = (
        [("decided by", f"{result.decided_by}, {day(result.decided_ms)} UTC")] if result.decided_ms else []
    )
    return sheet(
        [
            ("application", result.id),
            ("state", state(result.state)),
            ("box", result.box),
            ("model", result.model),
            ("project, person", f"{result.project}, {result.person}"),
            ("affiliation", result.affiliation),
            ("intended use", result.intended_use),
            ("publications", result.publications),
            ("approved there by", result.reviewed_by),
            ("conditions", result.conditions),
            ("agreement signed", result.agreement_sha256 or "none"),
            ("came", day(result.received_ms)),
            ("asked until", day(result.asked_until_ms)),
            *decided,
            *([("until", day(result.until_ms))] if result.until_ms else []),
            *([("because", result.reason)] if result.reason else []),
        ]
    )


def _yes(value: bool) -> str:
    return "needed" if value else ""


PRESENTERS: Final[dict[Any, Any]] = {
    results.RegistryLeases: leases,
    results.RegistryLeaseIssued: lease_issued,
    results.RegistryLeaseChanged: lease_changed,
    results.RegistryPolicies: policies,
    results.RegistryAgreements: agreements,
    results.RegistryApplications: applications,
    results.RegistryApplication: application,
}
