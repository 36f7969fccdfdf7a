"""Agreements, applications, grants and early access."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import day, sheet, state, table
from appliance.domain.amounts import duration
from appliance.domain.plain_text import many_lines
from appliance.domain.results import (
    AgreementList,
    AgreementText,
    ApplicationList,
    ApplicationPreview,
    ApplicationSummary,
    EarlyList,
    GrantList,
    SignatureSummary,
)


def agreement_list(result: AgreementList) -> RenderableType:
    """One line a version."""
    rows = [
        (
            one.kind,
            one.text_sha256[:12],
            state(one.state),
            one.origin,
            day(one.published_ms),
            day(one.asks_from_ms),
            one.signatures,
        )
        for one in result.agreements
    ]
    columns = ("TEXT", "HASH", "STATE", "FROM", "PUBLISHED (UTC)", "ASKS FROM (UTC)", "SIGNED")
    made = table(columns, rows, right=("SIGNED",))
    if not result.not_believed:
        return made
    words = f"{result.not_believed} signatures are not what this box's key signed, and do not count."
    return Group(made, Text(words, style="red"))


def agreement_text(result: AgreementText) -> RenderableType:
    """The text, then its hash and what to do."""
    facts = sheet(
        [
            ("text", result.kind),
            ("SHA-256", result.text_sha256),
            ("asks from", f"{day(result.asks_from_ms)} UTC"),
            ("signed by you", "yes" if result.signed else "no"),
            ("next step", result.next_step),
        ]
    )
    return Group(Text(many_lines(result.text)), Text(""), facts)


def signature(result: SignatureSummary) -> RenderableType:
    """Who signed what for whom."""
    whom = f"project {result.project}" if result.for_project else f"person {result.person}"
    return sheet(
        [
            ("signed", f"{result.kind} {result.text_sha256[:12]}, {day(result.signed_ms)} UTC"),
            ("for", whom),
            ("by", f"{result.who} ({result.origin})"),
            ("project", f"{result.project}: {result.purpose or 'does not say yet what it does'}"),
            ("id", result.id),
        ]
    )


def grant_list(result: GrantList) -> RenderableType:
    """One line a grant."""
    if not result.grants:
        return Text("No project has a grant.")
    rows = [
        (
            one.model or f"tier {one.tier}",
            one.project,
            state(one.state),
            day(one.granted_ms),
            "taken back" if one.until_ms is None else day(one.until_ms),
            f"{one.given_by} (self-approved)" if one.self_approved else one.given_by,
            one.registry,
            one.conditions,
            one.id,
        )
        for one in result.grants
    ]
    columns = (
        "MODEL", "PROJECT", "STATE", "SINCE (UTC)", "UNTIL (UTC)", "BY", "REGISTRY", "CONDITIONS",
        "ID",
    )  # fmt: skip
    return table(columns, rows)


def application_list(result: ApplicationList) -> RenderableType:
    """One line an application."""
    if not result.applications:
        return Text("No application.")
    rows = [
        (
            one.id,
            state(one.state),
            one.person,
            one.project,
            one.model or f"tier {one.tier}",
            duration(one.waiting_s),
            one.waits_for or one.reason,
        )
        for one in result.applications
    ]
    return table(("ID", "STATE", "PERSON", "PROJECT", "FOR", "WAITED", "WAITS FOR, OR WHY"), rows)


def application(result: ApplicationSummary) -> RenderableType:
    """The form, then the decision."""
    rows: list[tuple[str, object]] = [
        ("application", result.id),
        ("state", result.state),
        *([("waits for", result.waits_for)] if result.waits_for else ()),
        ("for", result.model or f"every model up to tier {result.tier}"),
        ("person", f"{result.person}, of project {result.project}"),
        ("project does", result.purpose or "does not say"),
        ("affiliation", result.affiliation),
        ("intended use", result.intended_use),
        ("publications", result.publications),
        ("agreed to", f"text {result.agreement_sha256[:12]}"),
        ("applied", f"{day(result.applied_ms)} UTC" + (f", for {result.days} days" if result.days else "")),
    ]
    if result.decided_ms is not None:
        rows.append(("decided", f"{day(result.decided_ms)} UTC by {result.decided_by}"))
        rows += [("reason", result.reason)] if result.reason else []
        rows += [("conditions", result.conditions)] if result.conditions else []
        rows += [("until", f"{day(result.until_ms)} UTC")] if result.until_ms is not None else []
        rows += [("registry", result.registry)] if result.registry else []
    return sheet(rows)


def application_preview(result: ApplicationPreview) -> RenderableType:
    """The bytes as they leave, then what they are."""
    facts = sheet(
        [
            ("leaves for", "the registry, as signed by this box"),
            ("SHA-256", result.sha256),
            ("application", f"{result.application}, for {result.model}"),
            ("state", result.state),
            *([("agreed", f"{day(result.agreed_ms)} UTC")] if result.agreed_ms is not None else ()),
            *([("agreed by", result.agreed_by)] if result.agreed_by else ()),
            ("next step", result.next_step),
        ]
    )
    return Group(Text(many_lines(result.payload)), Text(""), facts)


def early_list(result: EarlyList) -> RenderableType:
    """One line a model."""
    if not result.stages:
        return Text("No model is in early access.")
    rows = [
        (
            one.model,
            state(one.state),
            day(one.until_ms),
            f"{len(one.people)} of {one.most}",
            " ".join(one.people),
        )
        for one in result.stages
    ]
    return table(("MODEL", "STATE", "UNTIL (UTC)", "PEOPLE", "WHO"), rows)


PRESENTERS: Final[dict[Any, Any]] = {
    AgreementList: agreement_list,
    AgreementText: agreement_text,
    SignatureSummary: signature,
    GrantList: grant_list,
    ApplicationList: application_list,
    ApplicationPreview: application_preview,
    ApplicationSummary: application,
    EarlyList: early_list,
}
