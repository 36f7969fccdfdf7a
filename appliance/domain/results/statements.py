"""What statements answer: what was used in a time, and by whose models. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result
from appliance.domain.results.budgets import AdjustmentState, BudgetState
from appliance.domain.results.usage import UsageLine


class ProjectStatement(Result, frozen=True):
    """One project from ``since_ms`` to before ``until_ms``. ``budget`` is as it stands now; the sums are of
    the time alone.
    """

    project: str
    since_ms: int
    until_ms: int
    spent_micro: int
    refunded_micro: int
    given_micro: int
    budget: BudgetState
    by_model: tuple[UsageLine, ...]
    by_person: tuple[UsageLine, ...]
    by_day: tuple[UsageLine, ...]
    adjustments: tuple[AdjustmentState, ...]


class OwnedModel(Result, frozen=True):
    """What one model was used for. Every number is None where fewer people used it than may be told."""

    model: str
    users: int | None
    projects: int | None
    requests: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    gflop: int | None


class OwnerStatement(Result, frozen=True):
    """All models of one owner. The total is of the models that are told."""

    owner: str
    models: tuple[OwnedModel, ...]
    total: OwnedModel


class OwnerStatements(Result, frozen=True):
    """Each owner whose models were used from ``since_ms`` to before ``until_ms``; ``least_users`` is how
    many people a number must be about.
    """

    since_ms: int
    until_ms: int
    least_users: int
    owners: tuple[OwnerStatement, ...]
