"""How much others may fetch: so many requests a minute each and in all, so many files at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from appliance.domain.clock import Clock
from appliance.errors import TryAgain
from appliance.policy.rates import Bucket

PER_MINUTE: Final = 240
"""Of one box: a piece of a file is 4 MiB at least."""
ALL_PER_MINUTE: Final = 2400
AT_ONCE: Final = 32
MOST_KNOWN: Final = 1000
"""Boxes that are told apart; of an open model any key may ask, and keys cost nothing."""


class Pacing:
    """In memory; for one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all = Bucket.full(ALL_PER_MINUTE, clock.monotonic_s())
        self._each: dict[str, Bucket] = {}
        self._running = 0

    def ask(self) -> None:
        """Somebody asks, whoever it is: looked at before a signature is. Raises ``TryAgain``."""
        now_s = self._clock.monotonic_s()
        _check(self._all, now_s)
        self._all = self._all.take(1, now_s)

    def take(self, box: str) -> None:
        """One that is known. Raises ``TryAgain``."""
        now_s = self._clock.monotonic_s()
        bucket = self._each.pop(box, None) or Bucket.full(PER_MINUTE, now_s)
        if len(self._each) >= MOST_KNOWN:
            self._each.pop(next(iter(self._each)))
        self._each[box] = bucket
        _check(bucket, now_s)
        self._each[box] = bucket.take(1, now_s)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Scope in which a file is sent. Raises ``TryAgain`` where there are enough."""
        if self._running >= AT_ONCE:
            raise TryAgain("This box gives as many files as it can at once; try again.", retry_after_s=5)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


def _check(bucket: Bucket, now_s: float) -> None:
    wait_s = bucket.wait_s(1, now_s)
    if wait_s:
        raise TryAgain("Files are asked for too often; slow down.", retry_after_s=max(1, round(wait_s)))
