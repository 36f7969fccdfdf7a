"""Budgets as an operator sees and sets them. What requests take from them is the ledger's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from appliance.domain.results import BudgetState, Result
from appliance.domain.usage import Budget
from appliance.policy.budget import parse_credits


class Budgets(Protocol):
    """Where budgets are remembered."""

    async def get(self, project_id: str) -> Budget:
        """Raises ``NotFound``."""
        ...

    async def set_limit(self, project_id: str, limit_micro: int | None) -> Budget:
        """Raises ``NotFound``."""
        ...


class BudgetService:
    """Answers ``budget set`` and ``budget show``."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"budget.set": self.limit, "budget.show": self.show}

    async def limit(self, *, project: str = "default", credits: str) -> BudgetState:
        """Limit a project to ``credits``, a decimal text or ``none``. Raises ``BadRequest``, ``NotFound``."""
        return _state(await self._budgets.set_limit(project, parse_credits(credits)))

    async def show(self, *, project: str = "default") -> BudgetState:
        """A project's account. Raises ``NotFound``."""
        return _state(await self._budgets.get(project))


def _state(budget: Budget) -> BudgetState:
    return BudgetState(
        project=budget.project_id,
        limit_micro=budget.limit_micro,
        spent_micro=budget.spent_micro,
        held_micro=budget.held_micro,
    )
