"""Counts what was refused for want of budget or license, until it is written into the tally."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.generation import operation
from appliance.domain.log import Log
from appliance.domain.recipe import Recipe
from appliance.domain.reporting import DAY_MS, Ran, Refusals
from appliance.domain.usage import FLOP_METHOD, PRICE_METHOD
from appliance.errors import BudgetExhausted, CarrelError, NotLicensed
from appliance.services.admission.gates import Asked
from appliance.services.federation.reporting.ports import Tallies

BEAT_S: Final = 60.0
MOST: Final = 10_000
"""Kinds of refusals that wait to be written; what goes beyond is in no report."""
_HOUR_MS: Final = 3_600_000


class Backends(Protocol):
    """Which bytes a model would be answered with."""

    def __call__(self, recipe: Recipe, model: str) -> tuple[str, str]:
        """The hash of its files and its engine, as the ledger names them."""
        ...


@dataclass(frozen=True, slots=True)
class _Kind:
    day: int
    holder: str
    project_id: str
    model_id: str
    ran: Ran
    hour: int


class RefusalCounts:
    """Hears of refusals. Never waits. ``erased`` says of a holder whether they are nobody any more."""

    def __init__(
        self,
        tallies: Tallies,
        *,
        reporting: Callable[[], bool],
        backend: Backends,
        clock: Clock,
        log: Log,
        erased: Callable[[str], bool] = lambda _holder: False,
    ) -> None:
        self._tallies = tallies
        self._reporting = reporting
        self._backend = backend
        self._clock = clock
        self._log = log
        self._erased = erased
        self._waiting: dict[_Kind, tuple[int, int]] = {}

    def refused(self, asked: Asked, _gate: str, error: CarrelError) -> None:
        """A request was refused. Where only the permission was asked for, nothing was."""
        if asked.request is None or not isinstance(error, BudgetExhausted | NotLicensed):
            return
        if not self._reporting():
            return
        budget = isinstance(error, BudgetExhausted)
        self._add(self._kind(asked), (1, 0) if budget else (0, 1))

    async def flush(self) -> None:
        """Write what waits. What the disk refuses is tried again."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            await self._tallies.add_refusals([self._counted(*one) for one in waiting.items()])
        except CarrelError as error:
            self._log.warning("refusals_wait", kinds=len(waiting), code=error.code)
            for kind, count in waiting.items():
                self._add(kind, count)

    async def write(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Until it is cancelled; what waits then is written."""
        try:
            while True:
                await sleep(BEAT_S)
                await self.flush()
        finally:
            await self.flush()

    def _kind(self, asked: Asked) -> _Kind:
        now_ms = self._clock.now_ms()
        file_sha256, backend = self._backend(asked.recipe, asked.model)
        ran = Ran(
            asked.recipe.id,
            asked.recipe.revision,
            file_sha256,
            backend,
            operation(asked.request) if asked.request is not None else "chat",
            PRICE_METHOD if asked.recipe.upstream is not None else FLOP_METHOD,
        )
        caller = asked.caller
        hour = now_ms // _HOUR_MS % 24
        return _Kind(now_ms // DAY_MS, caller.holder, caller.project_id, asked.model, ran, hour)

    def _add(self, kind: _Kind, count: tuple[int, int]) -> None:
        before = self._waiting.get(kind, (0, 0))
        if kind in self._waiting or len(self._waiting) < MOST:
            self._waiting[kind] = before[0] + count[0], before[1] + count[1]

    def _counted(self, kind: _Kind, count: tuple[int, int]) -> Refusals:
        holder = "" if self._erased(kind.holder) else kind.holder
        return Refusals(kind.day, holder, kind.project_id, kind.model_id, kind.ran, kind.hour, *count)
