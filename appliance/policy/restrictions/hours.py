"""Hours of a week, as people write them: ``mon-fri 08:00-18:00``, ``sat,sun 22:00-06:00``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from appliance.errors import BadRequest

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES: Final = 24 * 60
_WRITTEN: Final = re.compile(r"(?:([a-z,-]+) )?(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_MOST_DAYS: Final = 8
"""After so many days a week has come round."""


@dataclass(frozen=True, slots=True)
class Window:
    """From ``begin`` to ``end``, in minutes of the day that it begins on; ``end`` is over 24 h where it
    belongs to the next day. ``days``: 0 is Monday.
    """

    days: frozenset[int]
    begin: int
    end: int

    def holds(self, local: datetime) -> bool:
        """Whether a moment, as the box's clock on the wall shows it, is within."""
        minute = local.hour * 60 + local.minute
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        return (today in self.days and self.begin <= minute < self.end) or (
            yesterday in self.days and minute < self.end - _DAY_MINUTES
        )


def window_of(text: str) -> Window:
    """Raises ``BadRequest`` for what is not written so."""
    found = _WRITTEN.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise _unreadable(text)
    days, *times = found.groups()
    begin, end = (_minute(hour, minute, text) for hour, minute in (times[:2], times[2:]))
    if begin in {end, _DAY_MINUTES}:
        raise _unreadable(text)
    return Window(_days(days, text), begin, end if end > begin else end + _DAY_MINUTES)


def is_open(windows: Sequence[Window], local: datetime) -> bool:
    """Whether any of them holds this moment; always, where there are none."""
    return not windows or any(one.holds(local) for one in windows)


def next_open(all_of: Sequence[Sequence[Window]], local: datetime) -> datetime | None:
    """The first moment after ``local`` at which each of several sets is open; None within a week: never."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {one.begin for windows in all_of for one in windows}
    moments = (
        midnight + timedelta(days=day, minutes=begin) for day in range(_MOST_DAYS) for begin in sorted(begins)
    )
    return next(
        (one for one in moments if one > local and all(is_open(windows, one) for windows in all_of)), None
    )


def _days(text: str | None, whole: str) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    return frozenset(day for part in text.split(",") for day in _span(part, whole))


def _span(part: str, whole: str) -> Sequence[int]:
    ends = part.split("-")
    if len(ends) > 2 or any(one not in DAYS for one in ends):
        raise _unreadable(whole)
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _minute(hour: str, minute: str, text: str) -> int:
    total = int(hour) * 60 + int(minute)
    if total > _DAY_MINUTES or int(minute) > 59:
        raise _unreadable(text)
    return total


def _unreadable(text: str) -> BadRequest:
    return BadRequest(
        f"`{text}` is no span of hours. Write days and times such as mon-fri 08:00-18:00, sat,sun "
        "22:00-06:00, or 09:00-17:00 for every day.",
        param="hours",
    )
