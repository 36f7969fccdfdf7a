"""How many different things were seen in a day (UTC), by their hashes: exactly a few, or about how many."""

import math
from array import array
from typing import Final

MOST_FEW: Final = 64
_BYTES: Final = 512
_CELLS: Final = 8 * _BYTES
_DAY_MS: Final = 86_400_000


class Few:
    """Up to ``most`` different things, 64 unless said otherwise; what comes after them is not told apart."""

    __slots__ = ("_day", "_most", "_seen")

    def __init__(self, most: int = MOST_FEW) -> None:
        self._most = most
        self._day = 0
        self._seen = array("Q")

    def add(self, hashed: int, now_ms: int) -> int:
        """Returns how many, this one too."""
        day = now_ms // _DAY_MS
        if day > self._day:
            self._day, self._seen = day, array("Q")
        if len(self._seen) < self._most and hashed not in self._seen:
            self._seen.append(hashed)
        return len(self._seen)


class Many:
    """About how many, in 512 bytes (linear counting, Whang et al. 1990).

    Right to about 2 % up to a few thousand, and never more than 34,070.
    """

    __slots__ = ("_cells", "_day", "_full")

    def __init__(self) -> None:
        self._cells = bytearray()
        self._day = 0
        self._full = 0

    def add(self, hashed: int, now_ms: int) -> int:
        """Returns about how many, this one too."""
        day = now_ms // _DAY_MS
        if day > self._day or not self._cells:
            self._cells, self._full = bytearray(_BYTES), 0
            self._day = max(day, self._day)
        place, bit = divmod(hashed % _CELLS, 8)
        if not self._cells[place] >> bit & 1:
            self._cells[place] |= 1 << bit
            self._full += 1
        return self.count

    @property
    def count(self) -> int:
        """On the last day on which one was added."""
        empty = max(1, _CELLS - self._full)
        return round(_CELLS * math.log(_CELLS / empty))
