"""Ends what was kept long enough: once at the start, then once a day, some rows at a time. Once an hour it
sees to it that what was deleted is off the disk.

What it did is one line of the log. What the disk refuses is tried again the next time.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result, RetentionDone, RetentionLine, RetentionRules, RetentionRun
from appliance.errors import CarrelError
from appliance.policy.retention import DAY_MS, Record, Rule

STEP: Final = 1000
"""Rows of one commit: others wait for it."""
LOOK_EVERY_S: Final = 3600.0


Step = Callable[[int, int], Awaitable[int]]
"""Ends at most so many, the second number, of what began before the first, in ms since 1970. Returns how
many; 0 when nothing is left.
"""


class Retention:
    """``steps`` are how each kind of record ends; a rule without one is kept by somebody else.

    ``wipe`` brings to the disk that it is gone.
    """

    def __init__(
        self,
        rules: tuple[Rule, ...],
        steps: Mapping[Record, Step],
        *,
        wipe: Callable[[], Awaitable[None]],
        clock: Clock,
        log: Log,
    ) -> None:
        self._rules = rules
        self._steps = steps
        self._wipe = wipe
        self._clock = clock
        self._log = log

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"retention.show": self.show, "retention.run": self.run_now}

    async def show(self) -> RetentionRules:
        """The table."""
        now_ms = self._clock.now_ms()
        return RetentionRules(rules=tuple(_line(rule, now_ms) for rule in self._rules))

    async def run_now(self) -> RetentionRun:
        """All of it. Raises ``StorageUnavailable``."""
        done = await self.tidy()
        return RetentionRun(
            done=tuple(RetentionDone(record=name.value, count=count) for name, count in done.items())
        )

    async def tidy(self) -> Mapping[Record, int]:
        """End what is over now. Returns how much of each. Raises ``StorageUnavailable``."""
        now_ms = self._clock.now_ms()
        done = {}
        for rule in self._rules:
            step, before_ms = self._steps.get(rule.record), rule.before_ms(now_ms)
            if step is not None and before_ms is not None:
                done[rule.record] = await _to_its_end(step, before_ms)
        await self._wipe()
        told = {name.value.replace("-", "_"): count for name, count in done.items() if count}
        self._log.info("retention", **told)
        return done

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Until cancelled. Works once a day, whatever hour that is: a box that sleeps misses none."""
        day = None
        while True:
            today = self._clock.now_ms() // DAY_MS
            try:
                if day == today:
                    # What people delete by themselves is to be gone soon too.
                    await self._wipe()
                else:
                    await self.tidy()
                    day = today
            except CarrelError as error:
                self._log.warning("retention_failed", code=error.code)
            await sleep(LOOK_EVERY_S)


async def _to_its_end(step: Step, before_ms: int) -> int:
    count = 0
    while ended := await step(before_ms, STEP):
        count += ended
        if ended < STEP:
            break
    return count


def _line(rule: Rule, now_ms: int) -> RetentionLine:
    before_ms = rule.before_ms(now_ms)
    oldest = "" if before_ms is None else datetime.fromtimestamp(before_ms / 1000, UTC).date().isoformat()
    return RetentionLine(
        record=rule.record.value, what=rule.what, days=rule.days, oldest=oldest, then=rule.then
    )
