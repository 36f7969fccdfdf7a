"""A registry as its people see it: boxes, leases, papers, what was reported."""

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.budgets import amount
from appliance.client.presenting.cells import cell, day, state, table
from appliance.domain import results
from appliance.domain.plain_text import one_line
from appliance.federation.protocol.limits import LEAST_USERS

_SHORT: Final = 12


def founded(result: results.RegistryFounded) -> RenderableType:
    """What is where, and the next steps."""
    lines = [
        cell(f"The registry {result.name} is made in {result.folder}, with {result.database}."),
        cell("Root of its catalog (SHA-256), which every code carries:"),
        cell(f"  {result.root_sha256}"),
        cell("Its folder `signing` has the keys of root and list: keep it elsewhere but while you publish."),
    ]
    if result.page_token:
        lines.append(cell(f"Readers of its page log in as `reader` with {result.page_token}"))
    return Group(*lines, cell("Next: carrel registry serve; then carrel registry code --institution NAME"))


def code(result: results.RegistryCode) -> RenderableType:
    """Alone on its line, so that it can be copied."""
    listed = f", which may list models as {result.organization}" if result.organization else ""
    return Group(
        Text(one_line(result.text), no_wrap=True, overflow="ignore"),
        cell(f"It lets one box of {result.institution} in{listed}, until {day(result.until_ms)} UTC."),
        *([cell(f"It is in {result.file} too.")] if result.file else []),
        cell("On the box: carrel fed enroll CODE"),
    )


def boxes(result: results.RegistryBoxes) -> RenderableType:
    """One a line."""
    if not result.boxes:
        return Text("No box has enrolled; let one in: carrel registry code --institution NAME")
    rows = [
        (
            one.id[:_SHORT],
            one.name,
            one.institution,
            one.organization,
            state(one.state),
            one.last_day or "none",
            day(one.reported_ms),
            one.software,
            one.epoch,
            one.marks,
        )
        for one in result.boxes
    ]
    columns = (
        "BOX", "NAME", "INSTITUTION", "ORG", "STATE", "LAST DAY", "REPORTED (UTC)", "SOFTWARE", "EPOCH",
        "MARKS",
    )  # fmt: skip
    return table(columns, rows, right=("EPOCH", "MARKS"))


def box_changed(result: results.RegistryBoxChanged) -> RenderableType:
    """One line."""
    stands = f"; it stands for {result.replaces[:_SHORT]}, which is suspended" if result.replaces else ""
    return cell(f"{result.name} is {result.state}{stands}. It learns that at its next sync.")


def usage(result: results.RegistryUsage) -> RenderableType:
    """One line a group."""
    if result.csv:
        return Text("\n".join(one_line(line) for line in result.csv), no_wrap=True, overflow="ignore")
    rows = [
        (
            one.name,
            one.requests,
            one.input_tokens,
            one.output_tokens,
            amount(one.credits_micro),
            f"under {LEAST_USERS}" if one.most_users is None else one.most_users,
        )
        for one in result.lines
    ]
    columns = (result.by.upper(), "REQUESTS", "INPUT", "OUTPUT", "CREDITS", "USERS A DAY")
    said = cell(f"Days {result.first_day} to {result.last_day} (UTC). Input and output are tokens.")
    return Group(table(columns, rows, right=columns[1:]), said)


def published(result: results.RegistryPublished) -> RenderableType:
    """One line, and when to sign next."""
    keys = " The registry's keys are new in it." if result.new_keys else ""
    return Group(
        cell(f"Published: {result.files} new files.{keys} Boxes see it at their next refresh."),
        cell(
            f"The list is good until {day(result.targets_until_ms)}, the root until "
            f"{day(result.root_until_ms)} UTC."
        ),
    )


def exchanged(result: results.RegistryExchanged) -> RenderableType:
    """What to bring back."""
    lines = [
        cell(f"{result.taken} messages of {result.box[:_SHORT]} taken, {result.duplicates} known before."),
        *(cell(f"Refused: {one}") for one in result.refused),
        cell(f"Bring {result.file} to the box ({result.items} statements): carrel fed import FILE"),
    ]
    return Group(*lines)


def told(result: results.RegistryTold) -> RenderableType:
    """Who gets it."""
    names = ", ".join(one.name for one in result.boxes) or "nobody"
    return cell(f"A {result.what} waits for {names}, until their next sync.")


def budgets(result: results.RegistryBudgets) -> RenderableType:
    """One a line."""
    if not result.budgets:
        return Text("No budget was set.")
    rows = [
        (
            one.box[:_SHORT],
            one.box_name,
            one.first_day,
            one.last_day,
            amount(one.limit_micro),
            amount(one.reported_micro),
        )
        for one in result.budgets
    ]
    columns = ("BOX", "NAME", "FROM", "TO", "CREDITS", "REPORTED")
    return table(columns, rows, right=("CREDITS", "REPORTED"))


def checks(result: results.RegistryChecks) -> RenderableType:
    """One a line."""
    if not result.checks:
        return Text("No box was asked to show anything.")
    rows = [
        (
            one.id,
            one.box[:_SHORT],
            f"{one.epoch}/{one.seq}",
            len(one.leaves),
            day(one.made_ms),
            state(one.state),
            one.words,
        )
        for one in result.checks
    ]
    return table(("CHECK", "BOX", "BATCH", "ROWS", "ASKED (UTC)", "STATE", "WORDS"), rows, right=("ROWS",))


def marks(result: results.RegistryMarks) -> RenderableType:
    """One a line."""
    if not result.marks:
        return Text("Nothing waits to be looked at.")
    rows = [
        (
            one.id,
            one.kind,
            one.box_name,
            one.institution,
            f"{one.epoch}/{one.seq}",
            day(one.at_ms),
            one.words,
            one.settled_by,
        )
        for one in result.marks
    ]
    return table(("MARK", "KIND", "BOX", "INSTITUTION", "BATCH", "AT (UTC)", "WORDS", "SETTLED BY"), rows)


def mark_settled(result: results.RegistryMarkSettled) -> RenderableType:
    """One line."""
    return cell(f"{result.id} was looked at by {result.by}.")


def acts(result: results.RegistryActs) -> RenderableType:
    """One a line."""
    return table(("AT (UTC)", "WHO", "DID", "ABOUT", "WORDS"), _acts(result.acts))


def _acts(rows: Iterable[results.RegistryAct]) -> list[tuple[object, ...]]:
    return [(day(one.at_ms), one.actor, one.act, one.about, one.words) for one in rows]


PRESENTERS: Final[dict[Any, Any]] = {
    results.RegistryFounded: founded,
    results.RegistryCode: code,
    results.RegistryBoxes: boxes,
    results.RegistryBoxChanged: box_changed,
    results.RegistryUsage: usage,
    results.RegistryPublished: published,
    results.RegistryExchanged: exchanged,
    results.RegistryTold: told,
    results.RegistryBudgets: budgets,
    results.RegistryChecks: checks,
    results.RegistryMarks: marks,
    results.RegistryMarkSettled: mark_settled,
    results.RegistryActs: acts,
}
