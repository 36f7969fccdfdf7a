"""How much of a budget is used: today, and in the term or in all; of a project and of each person in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.domain.results import AccountState, AllocationState, BudgetState
from tui.parts.bars import gauge
from tui.parts.cells import Cell

FULL: Final = 1.0
NEARLY: Final = 0.8
BAR: Final = 6
WIDTH: Final = BAR + 5
"""Characters of a bar with its percentage."""


@dataclass(frozen=True, slots=True)
class Use:
    """Of one limit, in micro-credits. ``limit_micro`` has what was granted besides."""

    used_micro: int
    limit_micro: int

    @property
    def fraction(self) -> float:
        """1 is all of it; a limit of nothing is used up."""
        return self.used_micro / self.limit_micro if self.limit_micro > 0 else FULL


@dataclass(frozen=True, slots=True)
class Uses:
    """The fullest limit of each kind; None where there is none."""

    today: Use | None = None
    term: Use | None = None


class Spending:
    """One project's budget, to be asked for many people."""

    def __init__(self, budget: BudgetState) -> None:
        limits = [one for one in budget.allocations if one.limit_micro is not None]
        self.project: Final = _uses(
            (one, next(iter(one.accounts), None)) for one in limits if one.scope == "project"
        )
        self._people: Final = [
            (one, {account.subject: account for account in one.accounts})
            for one in limits
            if one.scope == "person"
        ]

    def person(self, id: str) -> Uses:
        """What limits this person alone, or each one as much."""
        return _uses((one, accounts.get(id)) for one, accounts in self._people if one.subject in {"", id})


def bar_of(use: Use | None, *, ascii_only: bool) -> Cell:
    """As a bar with its percentage; its tone says when little is left."""
    if use is None:
        return Cell("-", "quiet")
    fraction = max(0.0, use.fraction)
    tone = "bad" if fraction >= FULL else "warn" if fraction >= NEARLY else "ok"
    drawn = "".join(one.text for one in gauge(fraction, BAR, ascii_only))
    return Cell(f"{drawn} {min(999, int(fraction * 100)):>3}%", tone)


def spending_of(budgets: Mapping[str, BudgetState]) -> dict[str, Spending]:
    """By project."""
    return {project: Spending(one) for project, one in budgets.items()}


def _uses(found: Iterable[tuple[AllocationState, AccountState | None]]) -> Uses:
    today: list[Use] = []
    term: list[Use] = []
    for one, account in found:
        (today if one.window == "day" else term).append(_use(one, account))
    return Uses(*(max(uses, key=lambda use: use.fraction, default=None) for uses in (today, term)))


def _use(one: AllocationState, account: AccountState | None) -> Use:
    limit = one.limit_micro or 0
    if account is None:
        return Use(0, limit)
    return Use(account.spent_micro + account.held_micro, limit + account.granted_micro)
