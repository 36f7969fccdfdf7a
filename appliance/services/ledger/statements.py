"""Statements: what a project used in a time, and what the models of an owner were used for."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS, end_ms, first_ms
from appliance.domain.people import DEFAULT_ID
from appliance.domain.results import (
    BudgetState,
    OwnedModel,
    OwnerStatement,
    OwnerStatements,
    ProjectStatement,
    Result,
    UsageLine,
)
from appliance.domain.usage import Grouping, HolderSum, UsageFilter, UsageSum
from appliance.errors import BadRequest
from appliance.services.ledger.presenting import adjustment_state
from appliance.services.usage import usage_line

LEAST_USERS: Final = 5
"""A number about fewer people than this could be about somebody."""
_DAYS: Final = 30


class Sums(Protocol):
    """Where usage rows are summed."""

    async def filtered(self, by: Grouping, which: UsageFilter) -> Sequence[UsageSum]:
        """One sum a group."""
        ...

    async def by_holder(self, since_ms: int, until_ms: int) -> Sequence[HolderSum]:
        """One sum for each model, project and who is treated as one person."""
        ...


class Adjustments(Protocol):
    """Where they are remembered."""

    async def of_project(self, project_id: str, since_ms: int, until_ms: int) -> Sequence[Adjustment]:
        """Oldest first."""
        ...


class Budgets(Protocol):
    """How a project's budget stands."""

    async def show(self, *, project: str) -> BudgetState:
        """Raises ``NotFound``."""
        ...


OwnerOf = Callable[[str], str]
"""To whom the use of a model is told."""


class StatementService:
    """Answers ``statement project`` and ``statement owner``."""

    def __init__(
        self, sums: Sums, adjustments: Adjustments, budgets: Budgets, owner_of: OwnerOf, clock: Clock
    ) -> None:
        self._sums = sums
        self._adjustments = adjustments
        self._budgets = budgets
        self._owner_of = owner_of
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"statement.project": self.of_project, "statement.owner": self.of_owners}

    async def of_project(
        self, *, project: str = DEFAULT_ID, since: str | None = None, until: str | None = None
    ) -> ProjectStatement:
        """``statement project``. Raises ``NotFound``, ``BadRequest``."""
        since_ms, until_ms = self._time(since, until)
        budget = await self._budgets.show(project=project)
        adjusted = await self._adjustments.of_project(project, since_ms, until_ms)
        sums = {
            by: await self._lines(by, UsageFilter(since_ms, until_ms, project_id=project))
            for by in (Grouping.MODEL, Grouping.PERSON, Grouping.DAY)
        }
        refunds = [one.micro for one in adjusted if one.kind is AdjustmentKind.REFUND]
        return ProjectStatement(
            project=project,
            since_ms=since_ms,
            until_ms=until_ms,
            spent_micro=sum(one.gflop for one in sums[Grouping.MODEL]),
            refunded_micro=sum(refunds),
            given_micro=sum(_given(adjusted)),
            budget=budget,
            by_model=sums[Grouping.MODEL],
            by_person=sums[Grouping.PERSON],
            by_day=sums[Grouping.DAY],
            adjustments=tuple(adjustment_state(one) for one in adjusted),
        )

    async def of_owners(
        self, *, owner: str | None = None, since: str | None = None, until: str | None = None
    ) -> OwnerStatements:
        """``statement owner``. Raises ``BadRequest``."""
        since_ms, until_ms = self._time(since, until)
        owned: dict[str, list[HolderSum]] = {}
        for one in await self._sums.by_holder(since_ms, until_ms):
            owned.setdefault(self._owner_of(one.model_id), []).append(one)
        return OwnerStatements(
            since_ms=since_ms,
            until_ms=until_ms,
            least_users=LEAST_USERS,
            owners=tuple(
                _owner(name, found) for name, found in sorted(owned.items()) if owner in {None, name}
            ),
        )

    async def _lines(self, by: Grouping, which: UsageFilter) -> tuple[UsageLine, ...]:
        return tuple(usage_line(one) for one in await self._sums.filtered(by, which))

    def _time(self, since: str | None, until: str | None) -> tuple[int, int]:
        now_ms = self._clock.now_ms()
        until_ms = now_ms + 1 if until is None else end_ms(until, "until")
        since_ms = until_ms - _DAYS * DAY_MS if since is None else first_ms(since, "since")
        if since_ms >= until_ms:
            raise BadRequest("The first day must not be after the last.", param="since")
        return since_ms, until_ms


def _given(adjusted: Iterable[Adjustment]) -> Iterable[int]:
    """To the project: what one person in it was given is no more for the project."""
    for one in adjusted:
        if one.kind is not AdjustmentKind.REFUND and one.allocation_id is None:
            yield one.micro


def _owner(name: str, found: Iterable[HolderSum]) -> OwnerStatement:
    by_model: dict[str, list[HolderSum]] = {}
    for one in found:
        by_model.setdefault(one.model_id, []).append(one)
    told = [one for model in by_model.values() if _users(model) >= LEAST_USERS for one in model]
    # The total leaves out what is not told, which could be found by subtraction otherwise.
    return OwnerStatement(
        owner=name,
        models=tuple(_model(model, rows) for model, rows in sorted(by_model.items())),
        total=_model("total", told),
    )


def _users(rows: Iterable[HolderSum]) -> int:
    return len({one.holder for one in rows})


def _model(name: str, rows: Sequence[HolderSum]) -> OwnedModel:
    users = _users(rows)
    if users < LEAST_USERS:
        return OwnedModel(name, None, None, None, None, None, None)
    return OwnedModel(
        model=name,
        users=users,
        projects=len({one.project_id for one in rows}),
        requests=sum(one.total.requests for one in rows),
        prompt_tokens=sum(one.total.meters.prompt_tokens for one in rows),
        completion_tokens=sum(one.total.meters.completion_tokens for one in rows),
        gflop=sum(one.total.meters.gflop for one in rows),
    )
