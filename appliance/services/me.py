"""Who is calling, what they may use, what is left, and what is recorded: each caller's own, nobody else's."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from appliance.domain.access import OwnAccess
from appliance.domain.clock import Clock
from appliance.domain.me import Me, ModelRestriction, OwnLimit, QueueShare, Records
from appliance.domain.model import ModelCard
from appliance.domain.people import ApiKey, Caller, Project
from appliance.domain.rates import LimitLeft, RatesLeft
from appliance.domain.usage import Budget, UsageSum
from appliance.errors import NotAuthenticated

DAYS: Final = 30
DAY_MS: Final = 86_400_000


class Keys(Protocol):
    """Which keys are in use."""

    def key(self, key_id: str) -> ApiKey | None:
        """None for one that is not in use any more."""
        ...


class Projects(Protocol):
    """What projects are granted."""

    def project(self, project_id: str) -> Project:
        """Without a query."""
        ...


class Models(Protocol):
    """What is served."""

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """Those that this caller may use."""
        ...


class Budgets(Protocol):
    """Where budgets are remembered."""

    async def get(self, project_id: str) -> Budget:
        """Raises ``NotFound``."""
        ...


class OwnUsage(Protocol):
    """Where usage rows are summed."""

    async def own_sums(self, caller: Caller, since_ms: int) -> Sequence[UsageSum]:
        """By model, of this caller alone."""
        ...


class Rates(Protocol):
    """Limits per minute and per day."""

    def left(self, caller: Caller) -> RatesLeft:
        """What this caller may still have now, where the least is left."""
        ...

    def lines(self, caller: Caller) -> Sequence[LimitLeft]:
        """Every limit that the caller may meet, and what is left of it."""
        ...


class Restrictions(Protocol):
    """What the lab allows of models."""

    def of_caller(self, caller: Caller, models: Sequence[ModelCard]) -> Sequence[ModelRestriction]:
        """Those that hold for a caller with these models."""
        ...


class NoRestrictions:
    """There are none."""

    def of_caller(self, _caller: Caller, _models: Sequence[ModelCard]) -> Sequence[ModelRestriction]:
        """Nothing."""
        return ()


class OwnLimits(Protocol):
    """What a caller may spend."""

    async def of_caller(self, caller: Caller, used: Sequence[UsageSum]) -> Sequence[OwnLimit]:
        """Every limit that binds them, in words that follow from what they ``used``."""
        ...


class NoLimits:
    """There are none."""

    async def of_caller(self, _caller: Caller, _used: Sequence[UsageSum]) -> Sequence[OwnLimit]:
        """Nothing."""
        return ()


class Queue(Protocol):
    """Where requests wait."""

    def share(self, person: str) -> QueueShare:
        """This person's."""
        ...


class OwnAccounts:
    """Answers ``GET /v1/me``."""

    def __init__(
        self,
        *,
        keys: Keys,
        projects: Projects,
        models: Models,
        budgets: Budgets,
        usage: OwnUsage,
        rates: Rates,
        queue: Queue,
        records: Records,
        clock: Clock,
        notices: Callable[[Caller], tuple[str, ...]] = lambda _caller: (),
        restrictions: Restrictions = NoRestrictions(),  # noqa: B008 - has no state
        access: Callable[[Caller], Sequence[OwnAccess]] = lambda _caller: (),
        limits: OwnLimits = NoLimits(),  # noqa: B008 - has no state
    ) -> None:
        self._keys = keys
        self._projects = projects
        self._models = models
        self._budgets = budgets
        self._usage = usage
        self._rates = rates
        self._queue = queue
        self._records = records
        self._clock = clock
        self._notices = notices
        self._restrictions = restrictions
        self._access = access
        self._limits = limits

    async def me(self, caller: Caller) -> Me:
        """The caller's own account. Raises ``NotAuthenticated`` for a key revoked at this moment."""
        key = self._keys.key(caller.key_id)
        if key is None:
            raise NotAuthenticated("This key is unknown or was revoked. Ask who runs the box for a new one.")
        since_ms, models = self._clock.now_ms() - DAYS * DAY_MS, self._models.cards(caller)
        used = await self._usage.own_sums(caller, since_ms)
        return Me(
            key=key,
            project=self._projects.project(caller.project_id),
            models=models,
            budget=await self._budgets.get(caller.project_id),
            rates=self._rates.left(caller),
            queue=self._queue.share(caller.holder),
            usage=used,
            since_ms=since_ms,
            records=self._records,
            notices=self._notices(caller),
            limits=self._rates.lines(caller),
            restrictions=self._restrictions.of_caller(caller, models),
            access=self._access(caller),
            allocations=await self._limits.of_caller(caller, used),
        )
