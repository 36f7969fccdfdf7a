"""How much of something may be had per minute: a token bucket, as values.

A bucket holds one minute's worth and fills evenly. Pure: time comes in as seconds of a monotonic clock.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

_ROUNDING: Final = 1e-6
"""What floats may be off by: whoever waited as told must not be told to wait for nothing."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """``level`` is what could be taken at the moment ``at_s``."""

    per_minute: int
    level: float
    at_s: float

    @classmethod
    def full(cls, per_minute: int, now_s: float) -> "Bucket":
        """One that nothing was taken from."""
        return cls(per_minute, float(per_minute), now_s)

    def at(self, now_s: float) -> "Bucket":
        """The same, filled up to this moment."""
        gained = max(0.0, now_s - self.at_s) * self.per_minute / 60
        return replace(self, level=min(float(self.per_minute), self.level + gained), at_s=now_s)

    def resized(self, per_minute: int, now_s: float) -> "Bucket":
        """One of another size with no more in it than this one has."""
        if per_minute == self.per_minute:
            return self
        now = self.at(now_s)
        return Bucket(per_minute, min(now.level, float(per_minute)), now_s)

    def take(self, amount: int, now_s: float) -> "Bucket":
        """With so much taken out. Below nothing it stays empty for longer."""
        return self.give_back(-amount, now_s)

    def give_back(self, amount: int, now_s: float) -> "Bucket":
        """With so much put in again; never more than a minute's worth."""
        now = self.at(now_s)
        return replace(now, level=min(float(self.per_minute), now.level + amount))

    def wait_s(self, amount: int, now_s: float) -> float:
        """Seconds until so much could be taken: 0 if it can be now, without end if it never can."""
        if amount > self.per_minute:
            return math.inf
        missing = amount - self.at(now_s).level
        return missing * 60 / self.per_minute if missing > _ROUNDING else 0.0

    def left(self, now_s: float) -> int:
        """What could be taken now."""
        return max(0, math.floor(self.at(now_s).level + _ROUNDING))

    def full_in_s(self, now_s: float) -> float:
        """Seconds until it is full again, if nothing more is taken."""
        return self.wait_s(self.per_minute, now_s)
