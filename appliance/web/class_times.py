"""Times of a lesson in words, in the box's own time zone."""

from datetime import UTC, datetime
from typing import Final

_MINUTE_MS: Final = 60_000


def moment(at_ms: int, now_ms: int) -> str:
    """``11:40`` where it is the same day, else ``2026-10-01 11:40``."""
    at, now = _local(at_ms), _local(now_ms)
    return at.strftime("%H:%M" if at.date() == now.date() else "%Y-%m-%d %H:%M")


def whole_moment(at_ms: int) -> str:
    """``2026-10-01 11:40``, for what is printed and read another day."""
    return _local(at_ms).strftime("%Y-%m-%d %H:%M")


def left(until_ms: int, now_ms: int) -> str:
    """``2 d 3 h``, ``1 h 24 min``, ``12 min``, ``less than a minute``; empty once it is over."""
    minutes = (until_ms - now_ms) // _MINUTE_MS
    if until_ms <= now_ms:
        return ""
    if minutes < 1:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def ago(at_ms: int | None, now_ms: int) -> str:
    """``just now``, ``4 min ago``; empty for never."""
    if at_ms is None:
        return ""
    minutes = max(0, now_ms - at_ms) // _MINUTE_MS
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"


def _local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()
