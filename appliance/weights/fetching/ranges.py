"""Which bytes of a file are there, and which somebody has to bring. Pure; a range is [begin, end)."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

Range = tuple[int, int]

_MIB: Final = 2**20
_SMALLEST: Final = 4 * _MIB
_LARGEST: Final = 64 * _MIB


class Coverage:
    """A set of bytes, as ranges that do not touch."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._ranges: list[Range] = []
        for one in sorted(ranges):
            self.add(*one)

    def add(self, begin: int, end: int) -> None:
        """These bytes are there."""
        if begin >= end:
            return
        first = bisect_right(self._ranges, begin, key=lambda one: one[1])
        if first and self._ranges[first - 1][1] == begin:
            first -= 1
        last = first
        while last < len(self._ranges) and self._ranges[last][0] <= end:
            begin, end = min(begin, self._ranges[last][0]), max(end, self._ranges[last][1])
            last += 1
        self._ranges[first:last] = [(begin, end)]

    @property
    def ranges(self) -> tuple[Range, ...]:
        """In order."""
        return tuple(self._ranges)

    @property
    def count(self) -> int:
        """Of bytes."""
        return sum(end - begin for begin, end in self._ranges)

    @property
    def prefix(self) -> int:
        """So many bytes are there from the first one on."""
        return self._ranges[0][1] if self._ranges and self._ranges[0][0] == 0 else 0

    def within(self, begin: int, end: int) -> bool:
        """Whether all of these are there."""
        place = bisect_right(self._ranges, begin, key=lambda one: one[0]) - 1
        return place >= 0 and self._ranges[place][1] >= end

    def missing(self, begin: int, end: int) -> list[Range]:
        """Which of these are not there, in order."""
        found, at = [], begin
        for there, gone in self._ranges[bisect_right(self._ranges, begin, key=lambda one: one[1]) :]:
            if there >= end:
                break
            if at < there:
                found.append((at, there))
            at = max(at, gone)
        if at < end:
            found.append((at, end))
        return found


class Pending:
    """Ranges that nobody brings yet. The lowest go first: a file is hashed from its beginning."""

    def __init__(self, missing: Iterable[Range], piece_bytes: int) -> None:
        self._missing = sorted(missing)
        self._piece_bytes = piece_bytes

    def take(self) -> Range | None:
        """One piece; None where others have all that is left."""
        if not self._missing:
            return None
        begin, end = self._missing[0]
        cut = min(end, begin + self._piece_bytes)
        if cut == end:
            self._missing.pop(0)
        else:
            self._missing[0] = (cut, end)
        return begin, cut

    def give_back(self, begin: int, end: int) -> None:
        """What did not come."""
        if begin < end:
            self._missing.append((begin, end))
            self._missing.sort()


def piece_bytes(missing_bytes: int, connections: int) -> int:
    """How much one request asks for: everything where there is one connection, else so little that all end at
    about the same time and the beginning of the file is not waited for.
    """
    if connections == 1:
        return max(1, missing_bytes)
    return min(max(missing_bytes // (4 * connections), _SMALLEST), _LARGEST)
