"""Rehearsals that go on while nobody looks: one a class at a time, its last result kept in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Rehearsal
from appliance.errors import CarrelError, Conflict
from appliance.web.seat_grid import seconds

_MOST_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class RehearsalView:
    """How the last one stands. Times are in words."""

    going: bool = False
    seats: int = 0
    running_s: int = 0
    refused: str = ""
    result: Rehearsal | None = None
    median: str = ""
    worst: str = ""
    took: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    task: "asyncio.Task[Rehearsal]"
    seats: int
    began_s: float


class Rehearsals:
    """Whoever begins one may leave; it ends by itself."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._runs: dict[str, _Run] = {}

    def begin(self, class_id: str, seats: int, work: Callable[[], Awaitable[Rehearsal]]) -> None:
        """Raises ``Conflict`` while one of this class goes on."""
        before = self._runs.pop(class_id, None)
        if before is not None and not before.task.done():
            self._runs[class_id] = before
            raise Conflict("A rehearsal of this class goes on already; wait for its result.")
        while len(self._runs) >= _MOST_KEPT:
            self._forget_oldest()
        task = asyncio.create_task(self._run(work), name=f"rehearsal {class_id}")
        self._runs[class_id] = _Run(task, seats, self._clock.monotonic_s())

    def view(self, class_id: str) -> RehearsalView:
        """As it is now; an empty one where there was none."""
        run = self._runs.get(class_id)
        if run is None:
            return RehearsalView()
        if not run.task.done():
            return RehearsalView(
                going=True, seats=run.seats, running_s=round(self._clock.monotonic_s() - run.began_s)
            )
        return _ended(run.task)

    async def close(self) -> None:
        """End what still goes on."""
        tasks = [run.task for run in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget_oldest(self) -> None:
        oldest = next(iter(self._runs))
        self._runs.pop(oldest).task.cancel()

    async def _run(self, work: Callable[[], Awaitable[Rehearsal]]) -> Rehearsal:
        try:
            return await work()
        except CarrelError as error:
            self._log.info("rehearsal_refused", code=error.code)
            raise


def _ended(task: "asyncio.Task[Rehearsal]") -> RehearsalView:
    if task.cancelled():
        return RehearsalView(refused="The rehearsal was ended before its result. Begin it again.")
    error = task.exception()
    if isinstance(error, CarrelError):
        return RehearsalView(refused=error.message)
    if error is not None:
        return RehearsalView(
            refused="Something in the box broke during the rehearsal. Its log has the details."
        )
    result = task.result()
    return RehearsalView(
        seats=result.seats,
        result=result,
        median=seconds(result.first_word_median_ms),
        worst=seconds(result.first_word_worst_ms),
        took=seconds(result.took_ms),
    )
