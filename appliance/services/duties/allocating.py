"""Before a project is given more to spend: what it owes at that amount has to be done first."""

from appliance.services.duties.duties import Duties
from appliance.services.duties.ports import Budgets


class Allocating:
    """Knows what a project has, so that giving it less is always possible."""

    def __init__(self, duties: Duties, budgets: Budgets) -> None:
        self._duties = duties
        self._budgets = budgets

    async def check_limit(self, project_id: str, limit_micro: int | None) -> None:
        """Before the limit of all that a project may spend is set; None takes it away.

        Raises ``NotPermitted``, ``NotFound``.
        """
        budget = await self._budgets.get(project_id)
        if limit_micro is None:
            if budget.limit_micro is not None:
                self._duties.check_allocation(project_id, None)
        elif budget.limit_micro is None or limit_micro > budget.limit_micro:
            left_micro = max(limit_micro + budget.granted_micro - budget.spent_micro, 0)
            self._duties.check_allocation(project_id, left_micro, lowers=budget.limit_micro is None)

    async def check_more(self, project_id: str, more_micro: int) -> None:
        """Before so much is added to what a project may spend. Raises ``NotPermitted``, ``NotFound``."""
        left_micro = (await self._budgets.get(project_id)).left_micro
        self._duties.check_allocation(project_id, (left_micro or 0) + more_micro)
