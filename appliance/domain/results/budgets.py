"""What actions on budgets answer. Amounts are whole micro-credits, times ms since 1970 UTC."""

from typing import Annotated

from msgspec import Meta

from appliance.domain.results.base import Result

Micro = Annotated[int, Meta(ge=0)]


class AmountAbout(Result, frozen=True):
    """What an amount is about as much as, in requests of ``model``. ``basis`` says what that rests on;
    ``gpu_hours`` is a decimal text, None where nobody knows yet.
    """

    model: str
    questions: int
    tokens: int
    gpu_hours: str | None
    basis: str


class AccountState(Result, frozen=True):
    """What was taken from an allocation in its present window, which began at ``opened_ms`` and ends at
    ``closes_ms``, by one ``subject``. ``left_micro`` None is without limit.
    """

    subject: str
    opened_ms: int
    closes_ms: int | None
    spent_micro: Micro
    held_micro: Micro
    granted_micro: int
    left_micro: Micro | None


class AllocationState(Result, frozen=True):
    """One limit. ``subject`` is the person, key or model that it is for; empty: each of them has as much, and
    ``accounts`` are those who used something, at most 1000.
    """

    id: str
    scope: str
    subject: str
    window: str
    limit_micro: Micro | None
    starts_ms: int | None
    ends_ms: int | None
    accounts: tuple[AccountState, ...]


class BudgetState(Result, frozen=True):
    """A project's account of all that it may spend, and every other limit in it; ``limit_micro`` None is
    without limit. ``conversion`` says how an amount that was given in other words came about.
    """

    project: str
    limit_micro: Micro | None
    spent_micro: Micro
    held_micro: Micro
    granted_micro: int = 0
    left_micro: Micro | None = None
    about: AmountAbout | None = None
    conversion: str = ""
    allocations: tuple[AllocationState, ...] = ()


class BudgetRequestState(Result, frozen=True):
    """Somebody's request for more. ``scope`` says whether for the ``project`` or for the ``person`` in it;
    ``waits_for`` who decides, empty once it is decided.
    """

    id: str
    project: str
    person: str
    scope: str
    micro: Micro
    reason: str
    created_ms: int
    state: str
    waits_for: str
    granted_micro: Micro
    decided_by: str
    decided_ms: int | None
    decision: str


class BudgetRequestList(Result, frozen=True):
    """Requests for more, the latest first."""

    requests: tuple[BudgetRequestState, ...]


class AdjustmentState(Result, frozen=True):
    """What was given or taken outside of requests: ``kind`` is refund, grant, bounty or correction."""

    id: str
    kind: str
    project: str
    person: str | None
    request_id: str | None
    micro: int
    reason: str
    actor: str
    at_ms: int
