"""The log of decisions: counted in memory, written once a second. Nothing of a request's words comes here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.decision import MINUTE_MS, Decided, DecisionCount, Verdict
from appliance.domain.log import Log
from appliance.errors import CarrelError, NotPermitted
from appliance.policy.restrictions.deciding import Change
from appliance.services.admission.gates import Asked

BEAT_S: Final = 1.0
MOST_WAITING: Final = 10_000
"""Kinds of decisions that wait to be written; from then on those of one gate and model count as one."""


class Decisions(Protocol):
    """Where they are remembered."""

    async def add(self, counts: Sequence[DecisionCount]) -> None:
        """Count them, in one commit."""
        ...


class DecisionLog:
    """Hears what gates refuse and change."""

    def __init__(self, stored: Decisions, clock: Clock, log: Log) -> None:
        self._stored = stored
        self._clock = clock
        self._log = log
        self._waiting: dict[Decided, tuple[int, int]] = {}

    def refused(self, asked: Asked, gate: str, error: CarrelError) -> None:
        """A request was refused at a gate. Where only the permission was asked for, as for lists, nothing
        was.
        """
        if asked.request is not None:
            rule, restriction = _rule(error)
            self._count(asked, "refused", gate, rule, restriction)

    def changed(self, asked: Asked, change: Change) -> None:
        """A restriction gave a request another form."""
        self._count(asked, "changed", "restrictions", change.limit, change.by.name)

    async def flush(self) -> None:
        """Write what waits. What the disk refuses is tried again."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            await self._stored.add([DecisionCount(one, *count) for one, count in waiting.items()])
        except CarrelError as error:
            self._log.warning("decisions_wait", kinds=len(waiting), code=error.code)
            self._put_back(waiting)

    async def write(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until it is cancelled."""
        while True:
            await sleep(BEAT_S)
            await self.flush()

    def _count(self, asked: Asked, verdict: Verdict, gate: str, rule: str, restriction: str) -> None:
        now_ms, caller = self._clock.now_ms(), asked.caller
        minute_ms = now_ms // MINUTE_MS * MINUTE_MS
        decided = Decided(
            minute_ms,
            verdict,
            gate,
            rule,
            restriction,
            caller.key_id,
            caller.person_id,
            caller.project_id,
            asked.recipe.id,
        )
        if len(self._waiting) >= MOST_WAITING and decided not in self._waiting:
            decided = Decided(minute_ms, verdict, gate, "", "", "", "", "", asked.recipe.id)
        self._add(decided, 1, now_ms)

    def _add(self, decided: Decided, count: int, last_ms: int) -> None:
        before, last_before_ms = self._waiting.get(decided, (0, 0))
        self._waiting[decided] = before + count, max(last_ms, last_before_ms)

    def _put_back(self, waiting: Mapping[Decided, tuple[int, int]]) -> None:
        for decided, (count, last_ms) in waiting.items():
            if decided in self._waiting or len(self._waiting) < MOST_WAITING:
                self._add(decided, count, last_ms)


def _rule(error: CarrelError) -> tuple[str, str]:
    """The name of the rule, and the restriction where it was one; else the error's code."""
    restriction = error.details.get("restriction")
    if isinstance(restriction, Mapping):
        return str(restriction["limit"]), str(restriction["name"])
    rule = error.details.get("rule")
    if isinstance(error, NotPermitted) and isinstance(rule, Mapping) and rule["name"]:
        return str(rule["name"]), ""
    return error.code, ""
