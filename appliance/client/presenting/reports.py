"""Flaw reports as a reviewer reads them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.plain_text import many_lines
from appliance.domain.results.reports import ReportLine, ReportList, ReportPreview, ReportSeenAgain
from appliance.policy.budget import credits_text


def report_list(result: ReportList) -> RenderableType:
    """One line a report."""
    if not result.reports:
        return Text("No report waits for a reviewer.")
    rows = [
        (
            one.id,
            day(one.made_ms),
            one.state,
            one.severity,
            one.category,
            one.model,
            one.project,
            one.description.splitlines()[0],
        )
        for one in result.reports
    ]
    columns = ("ID", "REPORTED (UTC)", "STATE", "SEVERITY", "KIND", "MODEL", "PROJECT", "DESCRIPTION")
    return table(columns, rows)


def report_line(one: ReportLine) -> RenderableType:
    """All that is known of a case."""
    drawn = {
        "temperature": one.temperature,
        "top_p": one.top_p,
        "top_k": one.top_k,
        "max_tokens": one.max_tokens,
    }
    numbers = ", ".join(f"{name} {value}" for name, value in drawn.items() if value is not None)
    facts = sheet(
        [
            ("report", f"{one.id}, {one.state}"),
            ("severity", f"{one.severity} ({one.category}), seen {one.seen} times"),
            ("by", f"{one.person} in {one.project}, {day(one.made_ms)} UTC"),
            ("model", f"{one.model}, recipe revision {one.recipe_revision}"),
            ("files", one.file_sha256 or "hosted elsewhere"),
            ("prompt", f"SHA-256 {one.prompt_sha256}, {one.prompt}"),
            ("drawn with", f"seed {one.seed}" + (f", {numbers}" if numbers else ", the model's defaults")),
            *([("decided", f"{one.reason} ({one.decided_by})")] if one.decided_ms is not None else ()),
            *([("pays", _pays(one))] if one.micro else ()),
            *([("came from", one.origin)] if one.origin else ()),
            *([("the model's owner", _owner(one))] if one.owner else ()),
        ]
    )
    return Group(facts, Text(""), Text(many_lines(one.description)))


def seen_again(result: ReportSeenAgain) -> RenderableType:
    """The answer, and whether the very model gave it."""
    same = "the very files that were reported" if result.same_model else "other files than were reported"
    return Group(
        cell(f"{result.model} ({same}), seed {result.seed}, {result.tokens} tokens:"),
        Text(many_lines(result.answer)),
    )


def preview(result: ReportPreview) -> RenderableType:
    """The bytes as they are, and how to agree to them."""
    readers = "its boxes alone can read them" if result.sealed else "the registry that carries them can too"
    agreed = (
        "Its reporter has agreed."
        if result.consented
        else (f"To agree: carrel report consent {result.id} --sha256 {result.sha256[:12]}")
    )
    return Group(
        cell(f"To {result.organization}, {readers}: {result.size_bytes} bytes, SHA-256 {result.sha256}"),
        Text(""),
        Text(many_lines(result.content)),
        Text(""),
        *(cell(f"With it: {one}") for one in result.beside),
        cell(agreed),
    )


def _owner(one: ReportLine) -> str:
    if not one.owner_verdict:
        return one.owner
    return f"{one.owner}: {one.owner_verdict}, {one.owner_reason}"


def _pays(one: ReportLine) -> str:
    return f"{credits_text(one.micro)} credits" + ("" if one.paid else ", not booked yet")


PRESENTERS: Final[dict[Any, Any]] = {
    ReportLine: report_line,
    ReportList: report_list,
    ReportSeenAgain: seen_again,
    ReportPreview: preview,
}
