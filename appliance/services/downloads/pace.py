"""How fast something comes, and when it should be here. Pure but for what it is told."""

import math
from collections import deque
from typing import Final

_WINDOW_S: Final = 15.0
_LEAST_S: Final = 1.0
"""Below that a speed would be a guess."""


class Pace:
    """Speed over the last seconds. What was there at the first note does not count: it came earlier.

    Bytes are verified in the order of the file and come in several pieces at once, so what came over the
    network runs ahead; what is read again after a restart is verified and comes over no network. Whichever of
    the two is further counts.
    """

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque()
        self._fetched_bytes = 0
        self._source = ""

    def note(self, now_s: float, verified_bytes: int, *, fetched_bytes: int = 0, source: str = "") -> None:
        """So much is verified at this time, after so much that came over the network. From another source
        some of it may come once more.
        """
        if source != self._source or not self._notes:
            here_bytes = verified_bytes
        else:
            here_bytes = max(verified_bytes, self._notes[-1][1] + fetched_bytes - self._fetched_bytes)
        self._fetched_bytes, self._source = fetched_bytes, source
        if self._notes and here_bytes < self._notes[-1][1]:
            self._notes.clear()
        self._notes.append((now_s, here_bytes))
        while len(self._notes) > 2 and self._notes[1][0] <= now_s - _WINDOW_S:
            self._notes.popleft()

    def bytes_per_s(self, now_s: float) -> int | None:
        """None where nobody can tell. What stands still becomes slower as time passes."""
        if not self._notes:
            return None
        began_s, began_bytes = self._notes[0]
        if now_s - began_s < _LEAST_S:
            return None
        return int((self._notes[-1][1] - began_bytes) / (now_s - began_s))

    def eta_s(self, now_s: float, total_bytes: int) -> int | None:
        """Seconds until all is here if it goes on like this; None where nobody can tell."""
        speed = self.bytes_per_s(now_s)
        if not speed:
            return None
        return math.ceil(max(0, total_bytes - self._notes[-1][1]) / speed)
