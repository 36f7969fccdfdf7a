"""Numbers and times as people read them."""

from datetime import UTC, datetime
from typing import Final

from appliance.federation.protocol.limits import LEAST_USERS

_UNITS: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SMALL: Final = 10_000
_DAY_S: Final = 86_400
_HOUR_S: Final = 3600
_FEW_HOURS: Final = 48


def short(value: float) -> str:
    """With few digits and a letter for thousands, millions …"""
    if value < 0:
        return f"-{short(-value)}"
    for size, letter in _UNITS:
        if value >= size and value >= _SMALL:
            return f"{value / size:.3g} {letter}"
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"


def whole(value: int) -> str:
    """Every digit, in threes."""
    return f"{value:,}"


def people(most: int) -> str:
    """Never a number that could be about somebody."""
    return whole(most) if most >= LEAST_USERS else f"under {LEAST_USERS}"


def age(now_s: int, then_s: int) -> str:
    """How long ago; ``never`` for 0."""
    if then_s <= 0:
        return "never"
    gone_s = max(0, now_s - then_s)
    hours = gone_s // _HOUR_S
    return f"{hours} h" if hours < _FEW_HOURS else f"{gone_s // _DAY_S} d"


def day(time_s: int) -> str:
    """A UTC date."""
    try:
        return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return "?"
