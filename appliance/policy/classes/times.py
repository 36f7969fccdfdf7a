"""When a class begins and ends, as people write it: in the box's own time zone, right across changes of the
clocks.

    10:10               the next time that it is so; for an end the first time after the beginning
    2026-10-01          the beginning of that day; for an end all of that day
    2026-10-01T10:10    that moment
    none                at once
"""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

from appliance.errors import BadRequest

NONE: Final = "none"
MINUTE_MS: Final = 60_000
USUAL_MIN: Final = 120
"""How long a class lasts where nobody says."""
LATE_MS: Final = 60 * MINUTE_MS
"""Whoever makes a class of 10:10 at 10:40 means today's."""
LONGEST_MS: Final = 366 * 24 * 60 * MINUTE_MS
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")


def starts_at(text: str, now_ms: int, zone: tzinfo | None) -> int | None:
    """When a class begins, in ms since 1970; None: at once. ``zone`` None is that of this machine.

    Raises ``BadRequest``.
    """
    if text.strip().lower() == NONE:
        return None
    if _CLOCK.match(text.strip()):
        return _next(text.strip(), now_ms - LATE_MS, zone, "starts")
    return _day_or_moment(text, zone, "starts", days=0)


def ends_at(text: str, from_ms: int, zone: tzinfo | None) -> int:
    """When a class ends that begins at ``from_ms``. Raises ``BadRequest``."""
    if text.strip().lower() == NONE:
        raise BadRequest("A class has an end: say when, or how long it lasts with `--minutes`.", param="ends")
    if _CLOCK.match(text.strip()):
        return _next(text.strip(), from_ms, zone, "ends")
    return _day_or_moment(text, zone, "ends", days=1)


def _next(clock: str, after_ms: int, zone: tzinfo | None, param: str) -> int:
    """The first time after ``after_ms`` that clocks show it."""
    hour, minute = (int(part) for part in clock.split(":"))
    day = datetime.fromtimestamp(after_ms / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(3):
        wall = (day.replace(tzinfo=None) + timedelta(days=days)).replace(hour=hour, minute=minute)
        found = _ms(wall, zone)
        if found is not None and found > after_ms:
            return found
    raise _unshown(clock, param)


def _day_or_moment(text: str, zone: tzinfo | None, param: str, *, days: int) -> int:
    wanted = text.strip()
    moment = _MOMENT.match(wanted)
    if moment is None and _DAY.match(wanted) is None:
        raise _unread(param)
    try:
        if moment:
            wall = datetime.fromisoformat(f"{moment[1]}T{int(moment[2]):02d}:{moment[3]}")
        else:
            wall = datetime.fromisoformat(wanted) + timedelta(days=days)
        found = _ms(wall, zone)
    except (ValueError, OverflowError) as error:
        raise _unread(param) from error
    if found is None:
        raise _unshown(wanted, param)
    return found


def _ms(wall: datetime, zone: tzinfo | None) -> int | None:
    """Of a time that clocks show: the first of two that show the same; None where they jump over it."""
    moment = wall.replace(tzinfo=zone, fold=0)
    ms = int(moment.timestamp() * 1000)
    shown = datetime.fromtimestamp(ms / 1000, zone).replace(tzinfo=None, fold=0)
    return ms if shown == wall.replace(fold=0) else None


def _unread(param: str) -> BadRequest:
    return BadRequest(
        f"{param} is a time such as 10:10, 2026-10-01 or 2026-10-01T10:10, in the box's own time.",
        param=param,
    )


def _unshown(text: str, param: str) -> BadRequest:
    return BadRequest(
        f"No clock here shows {text}: it is put forward then. Say another time for `{param}`.", param=param
    )
