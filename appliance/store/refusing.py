"""Why nothing can be held: which account has too little, when it has more, and who may give more."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.allocation import ALWAYS_MS, Account, Allocation, Scope, Window
from appliance.domain.days import day_text
from appliance.errors import BudgetExhausted, NotFound

_HELD_S: Final = 5
"""When to come again where only the holds of running requests are in the way."""


def no_project() -> NotFound:
    """No account is there to hold anything in."""
    return NotFound("No project has this id. `carrel project list` shows them all.", param="project")


def exhausted(asked: Sequence[Account], wanted_micro: int, now_ms: int) -> BudgetExhausted:
    """Told of the account that stays full for the longest."""
    full = [one for one in asked if not one.covers(wanted_micro, held_micro=one.held_micro)]
    account = max(full, key=lambda one: (_room_ms(one, wanted_micro, now_ms), one.held_micro))
    room_ms = _room_ms(account, wanted_micro, now_ms)
    unspent, allocation = account.unspent_micro or 0, account.allocation
    error = BudgetExhausted(
        f"Prompt and longest answer may cost {wanted_micro} micro-credits; {_whose(account)} has {unspent} "
        f"left{_within(account)}, {account.held_micro} of them held by running requests. Ask for a smaller "
        f"max_tokens, {_later(allocation)}, or ask {_giver(allocation)} for more: "
        f"`POST /v1/me/budget/request`, or on the box "
        f"`carrel budget request --project {allocation.project_id} --credits N --reason WHY`.",
        retry_after_s=None if room_ms >= ALWAYS_MS else max(1, -(-room_ms // 1000)),
    )
    renews_ms = account.closes_ms if allocation.window is Window.DAY else None
    error.details = {"budget": _details(allocation, account.left_micro or 0, renews_ms)}
    return error


def no_term(allocation: Allocation, now_ms: int) -> BudgetExhausted:
    """Its terms are over, or have not begun."""
    starts_ms = allocation.starts_ms or 0
    begins = starts_ms > now_ms
    last_ms = (allocation.ends_ms or 1) - 1
    how = f"begins on {day_text(starts_ms)}" if begins else f"ended on {day_text(last_ms)}"
    error = BudgetExhausted(
        f"The term that project {allocation.project_id} may spend in {how} (UTC). Ask "
        f"{_giver(allocation)} for another: `carrel budget set --project {allocation.project_id} "
        "--starts DATE --ends DATE --credits N` on the box.",
        retry_after_s=-(-(starts_ms - now_ms) // 1000) if begins else None,
    )
    error.details = {"budget": _details(allocation, 0, starts_ms if begins else None)}
    return error


def _room_ms(account: Account, wanted_micro: int, now_ms: int) -> int:
    """How long there may be no room for it."""
    if account.covers(wanted_micro, held_micro=0):
        return _HELD_S * 1000
    allocation = account.allocation
    if allocation.window is Window.DAY and wanted_micro <= (allocation.limit_micro or 0):
        return account.closes_ms - now_ms
    return ALWAYS_MS


def _details(allocation: Allocation, left_micro: int, renews_ms: int | None) -> dict[str, object]:
    return {
        "allocation": allocation.id,
        "scope": allocation.scope.value,
        "window": allocation.window.value,
        "left_micro": left_micro,
        "renews_ms": renews_ms,
        "waits_for": "lead" if allocation.scope in {Scope.PERSON, Scope.KEY} else "reviewer",
    }


def _whose(account: Account) -> str:
    project = f"project {account.allocation.project_id}"
    match account.allocation.scope:
        case Scope.PROJECT:
            return project
        case Scope.PERSON:
            return f"your own share of {project}"
        case Scope.KEY:
            return f"this key of {project}"
        case Scope.MODEL:
            return f"what {project} may spend on {account.subject}"


def _within(account: Account) -> str:
    match account.allocation.window:
        case Window.DAY:
            return " today (a UTC day)"
        case Window.TERM:
            return f" of the term that ends on {day_text(account.closes_ms - 1)}"
        case Window.TOTAL:
            return ""


def _later(allocation: Allocation) -> str:
    return "try again after 00:00 UTC" if allocation.window is Window.DAY else "try later"


def _giver(allocation: Allocation) -> str:
    return "a lead of the project" if allocation.scope in {Scope.PERSON, Scope.KEY} else "who runs the box"
