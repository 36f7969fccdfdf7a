"""Allocations, adjustments and requests for more as they are told."""

from collections.abc import Sequence

from appliance.domain.adjustment import Adjustment, BudgetRequest
from appliance.domain.allocation import ALWAYS_MS, Account, Allocation, Scope, Window
from appliance.domain.results import (
    AccountState,
    AdjustmentState,
    AllocationState,
    AmountAbout,
    BudgetRequestState,
    BudgetState,
)

Standing = Sequence[tuple[Allocation, Sequence[Account]]]
"""A project's allocations, each with its accounts of the present window."""


def total_of(standing: Standing) -> Account:
    """The account of all that the project may spend, which every project has."""
    return next(
        accounts[0] for one, accounts in standing if (one.scope, one.window) == (Scope.PROJECT, Window.TOTAL)
    )


def budget_state(standing: Standing, about: AmountAbout | None, conversion: str = "") -> BudgetState:
    """The whole budget of a project."""
    total = total_of(standing)
    return BudgetState(
        project=total.allocation.project_id,
        limit_micro=total.allocation.limit_micro,
        spent_micro=total.spent_micro,
        held_micro=total.held_micro,
        granted_micro=total.granted_micro,
        left_micro=total.left_micro,
        about=about,
        conversion=conversion,
        allocations=tuple(_allocation(one, accounts) for one, accounts in standing),
    )


def adjustment_state(one: Adjustment) -> AdjustmentState:
    """One row."""
    return AdjustmentState(
        id=one.id,
        kind=one.kind.value,
        project=one.project_id,
        person=one.person_id,
        request_id=one.request_id,
        micro=one.micro,
        reason=one.reason,
        actor=one.actor,
        at_ms=one.at_ms,
    )


def request_state(one: BudgetRequest) -> BudgetRequestState:
    """One request for more."""
    decides = "a reviewer" if one.scope is Scope.PROJECT else "a lead of the project, or a reviewer"
    return BudgetRequestState(
        id=one.id,
        project=one.project_id,
        person=one.person_id,
        scope=one.scope.value,
        micro=one.micro,
        reason=one.reason,
        created_ms=one.created_ms,
        state=one.state,
        waits_for=decides if one.state == "open" else "",
        granted_micro=one.granted_micro,
        decided_by=one.decided_by,
        decided_ms=one.decided_ms,
        decision=one.decision,
    )


def _allocation(one: Allocation, accounts: Sequence[Account]) -> AllocationState:
    return AllocationState(
        id=one.id,
        scope=one.scope.value,
        subject=one.subject,
        window=one.window.value,
        limit_micro=one.limit_micro,
        starts_ms=one.starts_ms,
        ends_ms=one.ends_ms,
        accounts=tuple(_account(each) for each in accounts),
    )


def _account(one: Account) -> AccountState:
    return AccountState(
        subject=one.subject,
        opened_ms=one.opened_ms,
        closes_ms=None if one.closes_ms >= ALWAYS_MS else one.closes_ms,
        spent_micro=one.spent_micro,
        held_micro=one.held_micro,
        granted_micro=one.granted_micro,
        left_micro=one.left_micro,
    )
