"""Looks at a worker's signs of life, about once a heartbeat, for as long as it is ready."""

import asyncio
from collections.abc import Callable

from appliance.domain.clock import Clock
from appliance.workers.frames import FromChild, Heartbeat
from appliance.workers.hanging import HangRule, Signs


class Watch:
    """Calls ``on_hang`` once, with the reason, when the worker counts as hung."""

    def __init__(self, rule: HangRule, on_hang: Callable[[str], None], clock: Clock) -> None:
        self._rule = rule
        self._on_hang = on_hang
        self._clock = clock
        self._signs = Signs(rule, 0.0)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Watch from now on."""
        self.end()
        self._signs = Signs(self._rule, self._clock.monotonic_s())
        self._arm()

    def heard(self, frame: FromChild) -> None:
        """The worker lives."""
        self._signs.heard(frame if isinstance(frame, Heartbeat) else None)

    def end(self) -> None:
        """There is nobody to watch."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._rule.beat_s, self._look)

    def _look(self) -> None:
        self._timer = None
        reason = self._signs.look(self._clock.monotonic_s())
        if reason is None:
            self._arm()
        else:
            self._on_hang(reason)
