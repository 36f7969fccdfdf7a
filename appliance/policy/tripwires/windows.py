"""Counts over a minute, a day and two weeks, in a few hundred bytes. Times in ms since 1970 UTC.

A clock that goes back counts into the last bucket there is.
"""

from array import array
from statistics import median
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
HOURS: Final = 24
DAYS: Final = 14
LEAST_DAYS: Final = 3
"""Days that somebody must have been here before anything is usual for them."""
_SMOOTHING: Final = 64
"""Busy minutes after which an old habit counts for a third."""


class Minute:
    """Requests in the last minute, and how many are usual in a minute that has any."""

    __slots__ = ("_before", "_minute", "_now", "usual")

    def __init__(self) -> None:
        self._minute = 0
        self._now = 0
        self._before = 0
        self.usual = 0.0

    def add(self, now_ms: int) -> int:
        """One more. Returns how many there were in the last 60 seconds, this one too."""
        minute = max(self._minute, now_ms // MINUTE_MS)
        if minute != self._minute:
            self._close(minute)
        self._now += 1
        passed = min(1.0, max(0.0, (now_ms - minute * MINUTE_MS) / MINUTE_MS))
        return self._now + int(self._before * (1 - passed))

    def _close(self, minute: int) -> None:
        if self._now:
            self.usual += (self._now - self.usual) / _SMOOTHING
        self._before = self._now if minute == self._minute + 1 else 0
        self._minute, self._now = minute, 0


class Hours:
    """A sum over the last hours, the present one too; 24 unless said otherwise."""

    __slots__ = ("_hour", "_hours", "_sum")

    def __init__(self, hours: int = HOURS) -> None:
        self._hours = array("Q", bytes(8 * hours))
        self._hour = 0
        self._sum = 0

    def add(self, amount: int, now_ms: int) -> int:
        """Returns the sum, this amount too."""
        hours, size = self._hours, len(self._hours)
        hour = max(self._hour, now_ms // HOUR_MS)
        for gone in range(self._hour + 1, min(hour, self._hour + size) + 1):
            self._sum -= hours[gone % size]
            hours[gone % size] = 0
        self._hour = hour
        hours[hour % size] += amount
        self._sum += amount
        return self._sum


class Usual:
    """What somebody uses in a day, by the last 14 days (UTC) on which they used anything."""

    __slots__ = ("_day", "_days", "_median", "_today")

    def __init__(self) -> None:
        self._days = array("Q")
        self._day = 0
        self._today = 0
        self._median = 0

    def add(self, amount: int, now_ms: int) -> int:
        """Returns the median of the days before today; 0 while there are fewer than three."""
        day = max(self._day, now_ms // DAY_MS)
        if day != self._day:
            self._close(day)
        self._today += amount
        return self._median

    def _close(self, day: int) -> None:
        if self._today:
            self._days.append(self._today)
            del self._days[:-DAYS]
            self._median = int(median(self._days)) if len(self._days) >= LEAST_DAYS else 0
        self._day, self._today = day, 0
