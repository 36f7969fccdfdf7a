"""Durations counted into classes of length: what a histogram is made of."""

from bisect import bisect_left
from collections.abc import Sequence


class Distribution:
    """``bounds`` are upper bounds in seconds, rising; what is longer than all of them counts as well."""

    __slots__ = ("bounds", "counts", "sum_s")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum_s = 0.0

    def add(self, duration_s: float, times: int = 1) -> None:
        """So many durations of this length."""
        self.counts[bisect_left(self.bounds, duration_s)] += times
        self.sum_s += duration_s * times

    def merge(self, other: "Distribution") -> None:
        """All of another one with the same bounds."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.sum_s += other.sum_s

    @property
    def total(self) -> int:
        """How many durations."""
        return sum(self.counts)
