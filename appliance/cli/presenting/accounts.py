"""Projects, keys, budgets and usage."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.cli.presenting.cells import cell, day, sheet, state, table
from appliance.domain.results import BudgetState, KeyIssued, KeyList, ProjectList, UsageReport
from appliance.policy.budget import credits_text

_COUNTS: Final = ("REQUESTS", "PROMPT", "CACHED", "COMPLETION", "GPU S", "CREDITS")


def projects(result: ProjectList) -> RenderableType:
    """One line a project."""
    rows = [
        (one.id, one.name, one.weight, "yes" if one.shares_prefixes else "no", day(one.created_ms))
        for one in result.projects
    ]
    return table(("PROJECT", "NAME", "WEIGHT", "SHARES PREFIXES", "CREATED (UTC)"), rows, right=("WEIGHT",))


def key_issued(result: KeyIssued) -> RenderableType:
    """The secret first, alone on its line, to be copied."""
    facts = f"Key {result.id} ({result.name}) of project {result.project}, expires {day(result.expires_ms)}."
    return Group(cell(result.key), cell(facts), Text("It is not shown again.", style="yellow"))


def keys(result: KeyList) -> RenderableType:
    """One line a key, without its secret."""
    rows = [
        (one.id, state(one.state), f"…{one.last4}", one.name, one.project, one.person, day(one.expires_ms))
        for one in result.keys
    ]
    return table(("ID", "STATE", "ENDS IN", "NAME", "PROJECT", "PERSON", "EXPIRES (UTC)"), rows)


def budget(result: BudgetState) -> RenderableType:
    """Credits, exactly."""
    amounts = (("limit", result.limit_micro), ("spent", result.spent_micro), ("held", result.held_micro))
    pairs = [(name, f"{credits_text(micro)} credits") for name, micro in amounts if micro is not None]
    limit = [] if result.limit_micro is not None else [("limit", "none")]
    return sheet([("project", result.project), *limit, *pairs])


def usage(result: UsageReport) -> RenderableType:
    """One line a group. 1 gflop is 1 micro-credit."""
    rows = [
        (
            one.group,
            one.requests,
            one.prompt_tokens,
            one.cached_tokens,
            one.completion_tokens,
            f"{one.gpu_ms / 1000:.1f}",
            credits_text(one.gflop),
        )
        for one in result.lines
    ]
    made = table((result.by.upper(), *_COUNTS), rows, right=_COUNTS)
    return Group(made, cell(f"Since {day(result.since_ms)} UTC. Prompt, cached and completion are tokens."))


PRESENTERS: Final[dict[Any, Any]] = {
    ProjectList: projects,
    KeyIssued: key_issued,
    KeyList: keys,
    BudgetState: budget,
    UsageReport: usage,
}
