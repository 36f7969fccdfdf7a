"""`carrel registry budget`: how much boxes may compute."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import day_text, days_back, office
from appliance.domain.results import RegistryBudget, RegistryBudgets
from appliance.errors import BadRequest
from appliance.policy.budget import parse_credits
from appliance.registry.operating.budgets import list_budgets, set_budget
from appliance.registry.operating.finding import find_box
from appliance.registry.operating.office import Office


def set_one(
    desk: Desk, *, at: str | None, box: str, credits: str, since: str | None, until: str
) -> RegistryBudgets:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    limit_micro = parse_credits(credits)
    if limit_micro is None:
        raise BadRequest("A budget is a number of credits; a box without one has no limit.", param="credits")
    last = day_text(until, "until")
    with office(desk, at) as here:
        first = day_text(since, "since") if since else days_back(here.now_s, 0)
        found = find_box(here, box)
        set_budget(here, found.id, first_day=first, last_day=last, limit_micro=limit_micro)
        return _known(here, found.id)


def show(desk: Desk, *, at: str | None, box: str | None) -> RegistryBudgets:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return _known(here, find_box(here, box).id if box else None)


def _known(here: Office, box: str | None) -> RegistryBudgets:

    return RegistryBudgets(
        budgets=tuple(
            RegistryBudget(
                box=one.box_id,
                box_name=one.box_name,
                first_day=one.first_day,
                last_day=one.last_day,
                limit_micro=one.limit_micro,
                reported_micro=one.reported_micro,
            )
            for one in list_budgets(here)
            if box in {None, one.box_id}
        )
    )


HANDLERS: Final = {"set": set_one, "show": show}
