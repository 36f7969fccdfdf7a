"""Who is calling, what they may use, what is left, and what is recorded: each caller's own, nobody else's."""

from collections.abc import Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.me import Me, QueueShare, Records
from appliance.domain.model import ModelCard
from appliance.domain.people import ApiKey, Caller, Project
from appliance.domain.rates import RatesLeft
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
    """Limits per minute."""

    def left(self, person: str) -> RatesLeft:
        """What this person may still have now."""
        ...


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

    async def me(self, caller: Caller) -> Me:
        """The caller's own account. Raises ``NotAuthenticated`` for a key revoked at this moment."""
        key = self._keys.key(caller.key_id)
        if key is None:
            raise NotAuthenticated("This key is unknown or was revoked. Ask who runs the box for a new one.")
        since_ms = self._clock.now_ms() - DAYS * DAY_MS
        return Me(
            key=key,
            project=self._projects.project(caller.project_id),
            models=self._models.cards(caller),
            budget=await self._budgets.get(caller.project_id),
            rates=self._rates.left(caller.holder),
            queue=self._queue.share(caller.holder),
            usage=await self._usage.own_sums(caller, since_ms),
            since_ms=since_ms,
            records=self._records,
        )
