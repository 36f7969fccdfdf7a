"""What a caller may still spend, on the wire: the project's budget and every limit that binds them."""

import msgspec

from appliance.domain.allocation import ALWAYS_MS, Account, Scope
from appliance.domain.me import OwnLimit
from appliance.domain.usage import Budget
from appliance.policy.budget import WITHOUT_LIMIT, credits_text


class MyBudget(msgspec.Struct, frozen=True, kw_only=True):
    """The project's budget, in micro-credits and as credits; no limit is null and ``none``."""

    limit_micro: int | None
    spent_micro: int
    held_micro: int
    left_micro: int | None
    limit: str
    spent: str
    held: str
    left: str


class MyAbout(msgspec.Struct, frozen=True):
    """What is left, in requests of ``model``; ``basis`` says what that rests on. ``gpu_hours`` is null where
    nobody knows yet.
    """

    model: str
    questions: int
    tokens: int
    gpu_hours: str | None
    basis: str


class MyAllocation(msgspec.Struct, frozen=True, kw_only=True):
    """A limit on what may be spent: by the project, you in it, this key, or on one model; in all, a day of
    UTC, or a term. ``ends_ms`` is when the present day or term ends. ``given_micro`` is what was added to the
    limit. ``more_from`` says who can give more.
    """

    scope: str
    subject: str
    window: str
    limit_micro: int
    given_micro: int
    spent_micro: int
    held_micro: int
    left_micro: int
    left: str
    ends_ms: int | None
    about: MyAbout | None
    more_from: str


def my_budget(budget: Budget) -> MyBudget:
    """The project's own account."""
    left = budget.left_micro
    return MyBudget(
        limit_micro=budget.limit_micro,
        spent_micro=budget.spent_micro,
        held_micro=budget.held_micro,
        left_micro=left,
        limit=_credits(budget.limit_micro),
        spent=_credits(budget.spent_micro),
        held=_credits(budget.held_micro),
        left=_credits(left),
    )


def my_allocation(one: OwnLimit) -> MyAllocation:
    """One limit."""
    account, left = one.account, one.account.left_micro or 0
    return MyAllocation(
        scope=account.allocation.scope.value,
        subject=account.subject,
        window=account.allocation.window.value,
        limit_micro=account.allocation.limit_micro or 0,
        given_micro=account.granted_micro,
        spent_micro=account.spent_micro,
        held_micro=account.held_micro,
        left_micro=left,
        left=credits_text(left),
        ends_ms=None if account.closes_ms >= ALWAYS_MS else account.closes_ms,
        about=None if one.about is None else MyAbout(**msgspec.structs.asdict(one.about)),
        more_from=_giver(account),
    )


def _giver(account: Account) -> str:
    own = account.allocation.scope in {Scope.PERSON, Scope.KEY}
    return "a lead of the project" if own else "a reviewer of the box"


def _credits(micro: int | None) -> str:
    return WITHOUT_LIMIT if micro is None else credits_text(micro)
