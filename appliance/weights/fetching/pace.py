"""How fast bytes may come: a bucket that fills at a steady rate."""

import threading
import time
from collections.abc import Callable
from typing import Final

_BURST_S: Final = 0.05
_SMALLEST_READ: Final = 16 * 1024


class Pace:
    """Shared by all connections. ``bytes_s`` 0: without limit."""

    def __init__(self, bytes_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._bytes_s = bytes_s
        self._clock = clock
        self._lock = threading.Lock()
        self._paid_until = clock()

    def at_once(self, wanted: int) -> int:
        """So many bytes may be read in one go, that it goes evenly."""
        if not self._bytes_s:
            return wanted
        return min(wanted, max(_SMALLEST_READ, int(self._bytes_s * _BURST_S)))

    def wait_s(self, count: int) -> float:
        """``count`` bytes came: how long nobody should read now."""
        if not self._bytes_s:
            return 0.0
        with self._lock:
            now = self._clock()
            # Time in which nothing came is not made up for later, but for one burst.
            self._paid_until = max(self._paid_until, now - _BURST_S) + count / self._bytes_s
            return max(0.0, self._paid_until - now)
