"""How much boxes may compute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from appliance.errors import BadRequest
from appliance.registry.leasing.issuing import day_of
from appliance.registry.operating.office import Office, held_box
from appliance.registry.store import boxes, budgets
from appliance.registry.store.budgets import BoxBudget


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """In micro-credits; days are UTC days, both within it."""

    box_id: str
    box_name: str
    first_day: str
    last_day: str
    limit_micro: int
    reported_micro: int
    runs: bool


def set_budget(office: Office, box: str, *, first_day: str, last_day: str, limit_micro: int) -> None:
    """Leases are refused once more than that was reported. Raises ``NotFound``, ``BadRequest``."""
    try:
        days = (date.fromisoformat(last_day) - date.fromisoformat(first_day)).days
    except ValueError:
        raise BadRequest("A day is written as 2026-11-20.", param="days") from None
    if not 0 <= days < 400 or limit_micro < 0:
        raise BadRequest("A budget is for 1 to 400 days, and not below zero.", param="days")
    with office.acting() as session:
        found = held_box(session, box)
        budgets.put(session, BoxBudget(found.number, first_day, last_day, limit_micro), office.now_s)
        office.note(session, "registry.budget.set", box, f"{limit_micro} from {first_day} to {last_day}")


def list_budgets(office: Office) -> Sequence[BudgetLine]:
    """By box."""
    today = day_of(office.now_s)
    with office.database.reading() as session:
        named = {box.number: box for box in boxes.all_of(session)}
        return [
            BudgetLine(
                box_id=named[one.box].id,
                box_name=named[one.box].name,
                first_day=one.first_day,
                last_day=one.last_day,
                limit_micro=one.limit_micro,
                reported_micro=budgets.reported_micro(session, one),
                runs=one.first_day <= today <= one.last_day,
            )
            for one in budgets.all_of(session)
        ]
