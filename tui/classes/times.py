"""Times of a lesson in few words. Pure."""


def left(left_ms: int) -> str:
    """``41 min left``, ``3 h 5 min left``, ``over``."""
    minutes = -(-left_ms // 60_000)
    if minutes <= 0:
        return "over"
    if minutes < 180:
        return f"{minutes} min left"
    hours, rest = divmod(minutes, 60)
    return f"{hours // 24} d left" if hours >= 48 else f"{hours} h {rest} min left"


def seconds(span_ms: int | None) -> str:
    """``0.8 s``, ``12 s``; ``-`` where nothing was measured."""
    if span_ms is None:
        return "-"
    return f"{span_ms / 1000:.1f} s" if span_ms < 10_000 else f"{span_ms // 1000} s"


def ago(time_ms: int | None, now_ms: int) -> str:
    """``8 s ago``, ``12 min ago``; ``never`` for None."""
    if time_ms is None:
        return "never"
    passed_s = max(0, (now_ms - time_ms) // 1000)
    if passed_s < 60:
        return f"{passed_s} s ago"
    minutes = passed_s // 60
    return f"{minutes} min ago" if minutes < 180 else f"{minutes // 60} h ago"
