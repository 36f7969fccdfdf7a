"""How long something lasts still, in words."""

from typing import Final

_DAY_S: Final = 86_400
_SOON_DAYS: Final = 7


def left(until_ms: int, now: int) -> str:
    """``27 d left``, ``5 h left``, ``ended 3 d ago``."""
    seconds = (until_ms - now) // 1000
    return f"{_span(seconds)} left" if seconds >= 0 else f"ended {_span(-seconds)} ago"


def tone_of_end(until_ms: int, now: int) -> str:
    """Bad once it ended, a warning in the last week."""
    if until_ms < now:
        return "bad"
    return "warn" if until_ms - now < _SOON_DAYS * _DAY_S * 1000 else "ok"


def age(since_ms: int | None, now: int) -> str:
    """``12 min ago``; ``never`` for None."""
    return "never" if since_ms is None else f"{_span(max(0, (now - since_ms) // 1000))} ago"


def _span(seconds: int) -> str:
    """In the one unit that matters: columns are narrow."""
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // _DAY_S} d" if seconds >= 2 * _DAY_S else f"{seconds // 3600} h"
