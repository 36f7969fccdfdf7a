"""Budgets, what was used of them, requests for more, statements."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.plain_text import one_line
from appliance.domain.results import (
    AccountState,
    AdjustmentState,
    AllocationState,
    AmountAbout,
    BudgetRequestList,
    BudgetRequestState,
    BudgetState,
)
from appliance.policy.budget import WITHOUT_LIMIT, credits_text

_COLUMNS: Final = ("LIMIT OF", "WHO", "WINDOW", "CREDITS", "SPENT", "HELD", "LEFT", "ID")
_NUMBERS: Final = ("CREDITS", "SPENT", "HELD", "LEFT")
_SHOWN: Final = 10
"""Accounts of one limit that are told to a person; all are in the JSON."""


def budget(result: BudgetState) -> RenderableType:
    """The project's own account, what it is about as much as, and every other limit."""
    return Group(*_budget(result))


def amount(micro: int | None) -> str:
    """Exactly, and below zero too."""
    if micro is None:
        return WITHOUT_LIMIT
    return f"-{credits_text(-micro)}" if micro < 0 else credits_text(micro)


def about_words(about: AmountAbout) -> str:
    """One line with all three."""
    hours = "" if about.gpu_hours is None else f", ≈ {about.gpu_hours} GPU hours"
    return f"≈ {about.questions} questions left, ≈ {about.tokens} tokens of {about.model}{hours}"


def request(result: BudgetRequestState) -> RenderableType:
    """One request, and whom it waits for."""
    return sheet(
        [
            ("request", result.id),
            ("state", state(result.state)),
            ("for", f"{result.scope} {result.project if result.scope == 'project' else result.person}"),
            ("asked", f"{amount(result.micro)} credits by {result.person}: {result.reason}"),
            *([("waits for", result.waits_for)] if result.waits_for else []),
            *([("given", f"{amount(result.granted_micro)} credits")] if result.granted_micro else []),
            *([("decided", _decided(result))] if result.decided_by else []),
        ]
    )


def requests(result: BudgetRequestList) -> RenderableType:
    """One line a request."""
    if not result.requests:
        return Text("Nobody waits for more.")
    rows = [
        (one.id, state(one.state), one.project, one.person, one.scope, amount(one.micro), one.reason)
        for one in result.requests
    ]
    return table(("ID", "STATE", "PROJECT", "PERSON", "FOR", "CREDITS", "WHY"), rows, right=("CREDITS",))


def adjustment(result: AdjustmentState) -> RenderableType:
    """One row of the ledger."""
    return cell(
        f"{result.id}: {result.kind} of {amount(result.micro)} credits to project {result.project}, "
        f"by {result.actor}: {result.reason}"
    )


def _budget(result: BudgetState) -> Iterator[RenderableType]:
    pairs = [
        ("project", result.project),
        ("limit", _words(result.limit_micro)),
        ("spent", _words(result.spent_micro)),
        ("held", _words(result.held_micro)),
    ]
    if result.granted_micro:
        pairs.append(("given", _words(result.granted_micro)))
    if result.limit_micro is not None:
        pairs.append(("left", _words(result.left_micro)))
    yield sheet(pairs)
    if result.about is not None:
        yield cell(f"{about_words(result.about)} (counted from {result.about.basis}).")
    if result.conversion:
        yield cell(f"{result.conversion}.")
    others = [one for one in result.allocations if (one.scope, one.window) != ("project", "total")]
    if others:
        yield Text("")
        yield table(_COLUMNS, _rows(others), right=_NUMBERS)


def _rows(allocations: Iterable[AllocationState]) -> Iterator[tuple[object, ...]]:
    for one in allocations:
        limit, window = amount(one.limit_micro), _window(one)
        if one.subject or one.scope == "project":
            (account,) = one.accounts[:1] or (None,)
            yield (one.scope, one.subject, window, limit, *_taken(account), one.id)
            continue
        yield (one.scope, "each", window, limit, "", "", "", one.id)
        for each in one.accounts[:_SHOWN]:
            yield ("", each.subject, "", "", *_taken(each), "")
        if len(one.accounts) > _SHOWN:
            yield ("", f"and {len(one.accounts) - _SHOWN} more", "", "", "", "", "", "")


def _taken(account: AccountState | None) -> tuple[str, str, str]:
    if account is None:
        return ("0", "0", "")
    return amount(account.spent_micro), amount(account.held_micro), amount(account.left_micro)


def _window(one: AllocationState) -> str:
    if one.starts_ms is None or one.ends_ms is None:
        return one.window
    return f"{day(one.starts_ms)[:10]} to {day(one.ends_ms - 1)[:10]}"


def _words(micro: int | None) -> str:
    return WITHOUT_LIMIT if micro is None else f"{amount(micro)} credits"


def _decided(result: BudgetRequestState) -> str:
    why = f": {result.decision}" if result.decision else ""
    return one_line(f"{result.decided_by}, {day(result.decided_ms)}{why}")


PRESENTERS: Final[dict[Any, Any]] = {
    AdjustmentState: adjustment,
    BudgetRequestList: requests,
    BudgetRequestState: request,
    BudgetState: budget,
}
