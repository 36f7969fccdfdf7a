"""What was used, and statements of it."""

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.budgets import amount
from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.plain_text import one_line
from appliance.domain.results import (
    OwnedModel,
    OwnerStatements,
    ProjectStatement,
    UsageLine,
    UsageReport,
)

_COUNTS: Final = ("REQUESTS", "PROMPT", "CACHED", "COMPLETION", "GPU S", "CREDITS")
_OWNED: Final = ("USERS", "PROJECTS", "REQUESTS", "PROMPT", "COMPLETION", "CREDITS")


def usage(result: UsageReport) -> RenderableType:
    """One line a group. 1 gflop is 1 micro-credit."""
    if result.csv:
        return Text("\n".join(one_line(line) for line in result.csv), no_wrap=True, overflow="ignore")
    said = cell(f"Since {day(result.since_ms)} UTC. Prompt, cached and completion are tokens.")
    return Group(_lines(result.by, result.lines), said)


def project_statement(result: ProjectStatement) -> RenderableType:
    """What was used, what was given, and by whom."""
    facts = sheet(
        [
            ("project", result.project),
            ("from", day(result.since_ms)),
            ("to", day(result.until_ms)),
            ("spent", f"{amount(result.spent_micro)} credits"),
            ("refunded", f"{amount(result.refunded_micro)} credits"),
            ("given", f"{amount(result.given_micro)} credits"),
            ("limit now", amount(result.budget.limit_micro)),
            ("left now", amount(result.budget.left_micro)),
        ]
    )
    given = [(day(one.at_ms), one.kind, amount(one.micro), one.reason) for one in result.adjustments]
    parts: list[RenderableType] = [facts, Text("")]
    for by, lines in (("model", result.by_model), ("person", result.by_person), ("day", result.by_day)):
        parts += [_lines(by, lines), Text("")]
    if given:
        parts.append(table(("TIME (UTC)", "KIND", "CREDITS", "WHY"), given, right=("CREDITS",)))
    return Group(*parts)


def owner_statements(result: OwnerStatements) -> RenderableType:
    """One table for all owners."""
    rows: list[tuple[object, ...]] = []
    for one in result.owners:
        rows += [(one.owner, model.model, *_told(model)) for model in one.models]
        rows.append((one.owner, "total", *_told(one.total)))
    made = table(("OWNER", "MODEL", *_OWNED), rows, right=_OWNED)
    time = f"{day(result.since_ms)} to {day(result.until_ms)} UTC"
    return Group(made, cell(f"{time}. Nothing is told of fewer than {result.least_users} users."))


def _lines(by: str, lines: Iterable[UsageLine]) -> RenderableType:
    rows = [
        (
            one.group,
            one.requests,
            one.prompt_tokens,
            one.cached_tokens,
            one.completion_tokens,
            f"{one.gpu_ms / 1000:.1f}",
            amount(one.gflop),
        )
        for one in lines
    ]
    return table((by.upper(), *_COUNTS), rows, right=_COUNTS)


def _told(one: OwnedModel) -> tuple[object, ...]:
    if one.users is None:
        return ("", "", "", "", "", "")
    return (
        one.users,
        one.projects,
        one.requests,
        one.prompt_tokens,
        one.completion_tokens,
        amount(one.gflop),
    )


PRESENTERS: Final[dict[Any, Any]] = {
    OwnerStatements: owner_statements,
    ProjectStatement: project_statement,
    UsageReport: usage,
}
