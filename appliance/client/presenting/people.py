"""Persons, projects, members, and class lists that were read."""

from typing import Any, Final

from rich.console import Group, RenderableType

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.days import day_text
from appliance.domain.results import (
    MemberList,
    MemberSummary,
    PersonList,
    PersonShown,
    PersonSummary,
    ProjectList,
    ProjectShown,
    ProjectSummary,
    RosterImport,
)


def people(result: PersonList) -> RenderableType:
    """One line a person."""
    rows = [
        (one.id, one.name, state(one.state), one.role, one.login, ", ".join(one.projects))
        for one in result.people
    ]
    return table(("PERSON", "NAME", "STATE", "ROLE", "LOGIN", "PROJECTS"), rows)


def person(result: PersonShown) -> RenderableType:
    """All that is known, and where they belong."""
    return Group(_person_sheet(result.person, result.keys_in_use), _memberships(result.memberships))


def projects(result: ProjectList) -> RenderableType:
    """One line a project."""
    rows = [
        (
            one.id,
            one.name,
            one.kind,
            state(one.state),
            one.members,
            ", ".join(one.leads),
            _span(one),
            one.weight,
            "yes" if one.shares_prefixes else "no",
        )
        for one in result.projects
    ]
    heads = (
        "PROJECT",
        "NAME",
        "KIND",
        "STATE",
        "MEMBERS",
        "LEADS",
        "DAYS (UTC)",
        "WEIGHT",
        "SHARES PREFIXES",
    )
    return table(heads, rows, right=("MEMBERS", "WEIGHT"))


def project(result: ProjectShown) -> RenderableType:
    """What it is for, and who belongs to it."""
    one = result.project
    facts = sheet(
        [
            ("project", one.id),
            ("name", one.name),
            ("kind", one.kind),
            ("state", state(one.state)),
            ("purpose", one.purpose or "not told"),
            ("tags", ", ".join(one.tags) or "none"),
            ("days (UTC)", _span(one)),
            ("weight", one.weight),
            ("shares prefixes", "yes" if one.shares_prefixes else "no"),
        ]
    )
    return Group(facts, _members(result.members))


def members(result: MemberList) -> RenderableType:
    """One line a person."""
    return _members(result.members)


def roster(result: RosterImport) -> RenderableType:
    """What becomes of each line, and the sums. New keys stand in the lines of their persons."""
    rows = [(one.line, state(one.outcome), one.person, one.name, one.key, one.why) for one in result.lines]
    sums = (
        f"{result.form}: {result.new} new, {result.joined} join, {result.changed} changed, "
        f"{result.present} there already, {result.skipped} skipped, {result.problems} with problems; "
        f"{result.keys} keys{' would be' if result.dry_run else ''} made."
    )
    ends = [cell(sums)]
    if result.keys and not result.dry_run:
        ends.append(cell("The keys are not shown again."))
    if result.dry_run:
        ends.append(cell("Nothing was changed: this is what would happen."))
    made = table(("LINE", "OUTCOME", "PERSON", "NAME", "KEY", "WHY"), rows, right=("LINE",))
    return Group(made, *ends)


def _person_sheet(one: PersonSummary, keys_in_use: int) -> RenderableType:
    ended = [] if one.ended_ms is None else [("suspended (UTC)", day(one.ended_ms))]
    return sheet(
        [
            ("person", one.id),
            ("name", one.name),
            ("state", state(one.state)),
            *ended,
            ("role", one.role),
            ("login", one.login or "none"),
            ("e-mail", one.email or "none"),
            ("keys in use", keys_in_use),
            ("since (UTC)", day(one.created_ms)),
        ]
    )


def _memberships(found: tuple[MemberSummary, ...]) -> RenderableType:
    rows = [(one.project, one.part, day(one.since_ms)) for one in found]
    return table(("PROJECT", "PART", "SINCE (UTC)"), rows)


def _members(found: tuple[MemberSummary, ...]) -> RenderableType:
    rows = [(one.person, one.name, one.part, state(one.state), day(one.since_ms)) for one in found]
    return table(("PERSON", "NAME", "PART", "STATE", "SINCE (UTC)"), rows)


def _span(one: ProjectSummary) -> str:
    first = "" if one.starts_ms is None else f"from {day_text(one.starts_ms)} "
    last = "" if one.ends_ms is None else f"to {day_text(one.ends_ms - 1)}"
    return f"{first}{last}".strip() or "always"


PRESENTERS: Final[dict[Any, Any]] = {
    PersonList: people,
    PersonShown: person,
    ProjectList: projects,
    ProjectShown: project,
    MemberList: members,
    RosterImport: roster,
}
