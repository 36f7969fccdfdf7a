"""Incidents and tripwires as actions answer them."""

from appliance.domain.oversight import DeclaredPattern, Incident
from appliance.domain.people import Project
from appliance.domain.results import DeclaredLine, IncidentDetail, IncidentSummary, WireLine
from appliance.policy.oversight import ends_ms
from appliance.policy.packs.pack import Pack
from appliance.policy.tripwires.wires import Wire


def summary(incident: Incident) -> IncidentSummary:
    """One line."""
    return IncidentSummary(
        id=incident.id,
        wire=incident.wire,
        holder=incident.holder,
        project=incident.project_id,
        level=incident.level.value,
        state=incident.state,
        score=incident.score,
        count=incident.count,
        trips=incident.trips,
        first_ms=incident.first_ms,
        last_ms=incident.last_ms,
        ends_ms=ends_ms(incident),
        explained_by=incident.explained_by,
        verdict=incident.verdict,
        decided_by=incident.decided_by,
        reason=incident.reason,
        appeal=incident.appeal,
    )


def detail(
    incident: Incident,
    wire: Wire | None,
    project: Project | None,
    declared: list[DeclaredPattern],
    *,
    waits_for: str,
) -> IncidentDetail:
    """All of it. ``wire`` is None where it is gone with its pack."""
    return IncidentDetail(
        incident=summary(incident),
        person=incident.person_id,
        key=incident.key_id,
        title=wire.title if wire else "a pack that is not used any more",
        unit=wire.unit if wire else "",
        threshold=wire.threshold if wire else 0,
        why=wire.why if wire else "",
        kind=project.kind if project else "",
        purpose=project.purpose if project else "",
        declared=tuple(one.pattern for one in declared),
        waits_for=waits_for,
        next_step=_next_step(incident, waits_for),
    )


def wire_line(wire: Wire, pack: Pack | None) -> WireLine:
    """One line."""
    return WireLine(
        wire=wire.id,
        title=wire.title,
        on=wire.on,
        threshold=wire.threshold,
        unit=wire.unit,
        first_level=wire.first.value,
        most_level=wire.most.value,
        hours=wire.hours,
        explained_by=(*wire.explained_by, wire.id),
        origin=f"{pack.origin} pack {pack.version}" if pack else "carrel",
        why=wire.why,
    )


def declared_line(one: DeclaredPattern) -> DeclaredLine:
    """One line."""
    return DeclaredLine(
        project=one.project_id,
        pattern=one.pattern,
        why=one.why,
        declared_by=one.declared_by,
        declared_ms=one.declared_ms,
        until_ms=one.until_ms,
    )


def _next_step(incident: Incident, waits_for: str) -> str:
    if not waits_for:
        return ""
    decide = f"carrel incident decide {incident.id} --reason TEXT --verdict"
    return (
        f"`{decide} clear` where it was nothing, `{decide} uphold --level LEVEL` where it was what it looks "
        f"like; or `carrel tripwire expect {incident.wire} --project {incident.project_id} --why TEXT` where "
        "the project's purpose explains it."
    )
