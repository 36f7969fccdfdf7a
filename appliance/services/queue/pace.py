"""How fast a line moves: what the expected time to a turn is made from."""

import math
from typing import Final

NEWEST: Final = 0.2
"""Part of the newest interval in the moving average."""


class Pace:
    """A moving average of the time between dispatches while others wait. Times in seconds."""

    def __init__(self) -> None:
        self._interval_s: float | None = None
        self._last_s: float | None = None

    def note(self, now_s: float, *, others_wait: bool) -> None:
        """A request was dispatched. A time in which nobody waited says nothing of the speed."""
        if self._last_s is not None:
            newest = now_s - self._last_s
            old = newest if self._interval_s is None else self._interval_s
            self._interval_s = old + NEWEST * (newest - old)
        self._last_s = now_s if others_wait else None

    def eta_s(self, position: int) -> int | None:
        """Whole seconds until this place in the line has its turn, at least 1; None before anything is
        known.
        """
        return None if self._interval_s is None else max(1, math.ceil(position * self._interval_s))
