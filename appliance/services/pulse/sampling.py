"""Looks at the box once a second."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.generation import ServiceClass
from appliance.services.pulse.ports import Gpus, Host, Queue, Runs
from appliance.services.pulse.rings import Beat, Rings
from appliance.services.pulse.tally import Tally

RATE_S: Final = 5
"""Over how long the rate of one model is taken."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the box was started, at one moment: requests accepted, and tokens of answers by model."""

    at_s: float
    requests: int
    tokens: Counter[str]


class Sampler:
    """Owns the rings. Tokens of running answers are read from where they are counted anyway."""

    def __init__(
        self, *, tally: Tally, runs: Runs, queue: Queue, host: Host, gpus: Gpus, clock: Clock
    ) -> None:
        self._tally = tally
        self._runs = runs
        self._queue = queue
        self._host = host
        self._gpus = gpus
        self._clock = clock
        self.rings: Final = Rings()
        self._counts = deque([self._count()], maxlen=RATE_S + 1)
        # The first answer is that of no time at all.
        self._host.processor_percent()

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, at the beginning of each second of the clock."""
        while True:
            await sleep(1.0 - self._clock.monotonic_s() % 1.0)
            self.beat()

    def beat(self) -> None:
        """Look once. Nothing here waits; a second that was looked at is not looked at again."""
        number = int(self._clock.monotonic_s())
        if number <= self.rings.last:
            return
        before, now = self._counts[-1], self._count()
        passed_s = max(now.at_s - before.at_s, 0.001)
        beat = Beat(
            at_ms=self._clock.now_ms(),
            requests_per_s=max(0, now.requests - before.requests) / passed_s,
            tokens_per_s=sum(_gained(before, now).values()) / passed_s,
            waiting=self._queue.waiting,
            running=self._runs.running,
            processor_percent=self._host.processor_percent(),
            memory_used_bytes=self._host.memory_used_bytes(),
        )
        self._counts.append(now)
        self._tally.forget(now.at_s)
        self.rings.add(number, beat, self._gpus.latest)

    def rates(self) -> dict[str, float]:
        """Tokens a second by model, over the last seconds; models without any are left out."""
        before, now = self._counts[0], self._counts[-1]
        passed_s = max(now.at_s - before.at_s, 0.001)
        return {model: tokens / passed_s for model, tokens in _gained(before, now).items()}

    def _count(self) -> Counts:
        """Whoever is here now is noted on the way."""
        now_s, tokens = self._clock.monotonic_s(), self._tally.ended_tokens.copy()
        for run in self._runs:
            model = run.accepted.model.id
            if (mark := run.mark) is not None:
                tokens[model] += mark.completion_tokens
            if run.accepted.service_class is not ServiceClass.OVERNIGHT:
                self._tally.active.note((model, run.hold.caller.holder), now_s)
        return Counts(now_s, self._tally.ended_requests + len(self._runs), tokens)


def _gained(before: Counts, now: Counts) -> Counter[str]:
    """What failed and is charged to nobody takes back what it had; that is no rate."""
    return now.tokens - before.tokens
