"""Incidents, tripwires and what projects declared."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import day, sheet, state, table
from appliance.domain.plain_text import one_line
from appliance.domain.results import IncidentDetail, IncidentList, IncidentSummary, TripwireList


def incident_list(result: IncidentList) -> RenderableType:
    """One line an incident."""
    if not result.incidents:
        return Text("No tripwire was touched.")
    rows = [
        (
            one.id,
            one.wire,
            one.holder,
            one.project,
            one.level,
            state(one.state),
            f"{one.score}%",
            one.count,
            day(one.first_ms),
            day(one.last_ms),
            one.explained_by or one.verdict,
        )
        for one in result.incidents
    ]
    columns = (
        *("INCIDENT", "WIRE", "HOLDER", "PROJECT", "LEVEL", "STATE", "SCORE", "COUNT"),
        *("FIRST (UTC)", "LAST (UTC)", "BECAUSE"),
    )
    return table(columns, rows, right=("SCORE", "COUNT"))


def _who(holder: str, person: str, key: str) -> str:
    """A holder is a person or a key; the other of both where it is known."""
    known = [f"{name} {one}" for name, one in (("person", person), ("key", key)) if one]
    return f"{holder} ({', '.join(known)})" if known else holder


def incident_detail(result: IncidentDetail) -> RenderableType:
    """A sheet, then what to do."""
    one = result.incident
    rows: list[tuple[str, object]] = [
        ("incident", one.id),
        ("holder", _who(one.holder, result.person, result.key)),
        ("project", f"{one.project} ({result.kind}): {result.purpose or 'no purpose declared'}"),
        ("looks like", result.title),
        ("counted", f"{one.count} {result.unit}; it takes {result.threshold}"),
        ("why there", result.why),
        ("level", f"{one.level}, {one.state}, until {day(one.ends_ms)} UTC if nothing happens"),
        ("seen", f"{day(one.first_ms)} to {day(one.last_ms)} UTC, {one.trips} times"),
        ("declared", ", ".join(result.declared) or "nothing"),
        *_decision(one),
    ]
    if result.waits_for:
        rows.append(("waits for", result.waits_for))
    return Group(sheet(rows), *([Text(""), Text(one_line(result.next_step))] if result.next_step else ()))


def tripwire_list(result: TripwireList) -> RenderableType:
    """Wires, then declarations, then what is wrong."""
    parts: list[RenderableType] = [Text(one_line(result.note)), Text("")] if result.note else []
    rows = [
        (
            one.wire,
            state("on" if one.on else "off"),
            one.threshold,
            f"{one.unit} ({one.hours})" if one.hours else one.unit,
            f"{one.first_level} to {one.most_level}",
            ", ".join(one.explained_by),
            one.origin,
        )
        for one in result.wires
    ]
    parts.append(
        table(("WIRE", "STATE", "FROM", "COUNTS", "LEVELS", "EXPLAINED BY", "OF"), rows, right=("FROM",))
    )
    if result.declared:
        lines = [
            (
                one.project,
                one.pattern,
                one.why,
                one.declared_by,
                "" if one.until_ms is None else day(one.until_ms),
            )
            for one in result.declared
        ]
        parts += [Text(""), table(("PROJECT", "DECLARED", "WHY", "BY", "UNTIL (UTC)"), lines)]
    for fault in result.left_out:
        parts.append(Text(f"{one_line(fault.file)} is not used: {one_line(fault.reason)}", style="red"))
    return Group(*parts)


def _decision(one: IncidentSummary) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    if one.explained_by:
        rows.append(("explained by", one.explained_by))
    if one.verdict:
        rows.append(("decided", f"{one.verdict} by {one.decided_by}: {one.reason}"))
    if one.appeal:
        rows.append(("appeal", one.appeal))
    return rows


PRESENTERS: Final[dict[Any, Any]] = {
    IncidentList: incident_list,
    IncidentDetail: incident_detail,
    TripwireList: tripwire_list,
}
