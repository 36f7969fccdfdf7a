"""Notices a worker that has work and says nothing: it hangs."""

import asyncio
from collections.abc import Callable

from appliance.domain.clock import Clock


class SilenceWatch:
    """Calls ``on_silence`` once when, while it is on, no sign of life came for ``deadline_s``."""

    def __init__(self, deadline_s: float, on_silence: Callable[[], None], clock: Clock) -> None:
        self._deadline_s = deadline_s
        self._on_silence = on_silence
        self._clock = clock
        self._last_sign_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Watch from now on; no change when it watches already."""
        if self._timer is None:
            self.sign()
            self._arm(self._deadline_s)

    def sign(self) -> None:
        """The worker lives."""
        self._last_sign_s = self._clock.monotonic_s()

    def end(self) -> None:
        """There is nothing to wait for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, delay_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._look)

    def _look(self) -> None:
        # One timer that looks when it is due is cheaper than a new timer every step.
        left_s = self._last_sign_s + self._deadline_s - self._clock.monotonic_s()
        if left_s > 0:
            self._arm(left_s)
        else:
            self._timer = None
            self._on_silence()
