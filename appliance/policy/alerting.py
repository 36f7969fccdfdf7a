"""When an alert is told, and when again. Pure."""

from dataclasses import replace
from typing import Final

from appliance.domain.alerts import Alert, AlertLevel, Sign

GROUP_MS: Final = 3_600_000
"""One matter is told once within an hour."""
STANDING_MS: Final = 86_400_000
"""What goes on is told again after a day."""
MOST_TRIES: Final = 32
"""Within which about a day passes."""
_FIRST_PAUSE_S: Final = 15.0
_LONGEST_PAUSE_S: Final = 3600.0
_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}


def joins(alert: Alert, sign: Sign, now_ms: int) -> bool:
    """Whether a sign is of the same matter and hour, and no worse than what was told."""
    same = (alert.sign.kind, alert.sign.subject) == (sign.kind, sign.subject)
    return same and now_ms - alert.first_ms < GROUP_MS and not is_worse(sign.level, alert.sign.level)


def joined(alert: Alert, now_ms: int) -> Alert:
    """Seen once more."""
    return replace(alert, times=alert.times + 1, last_ms=now_ms)


def is_worse(level: AlertLevel, than: AlertLevel) -> bool:
    """Whether it hurries more."""
    return _RANKS[level] > _RANKS[than]


def is_sent(level: AlertLevel, least: AlertLevel) -> bool:
    """Whether alerts of that level go out."""
    return not is_worse(least, level)


def has_more_to_tell(alert: Alert, now_ms: int) -> bool:
    """Its hour is over, and it was seen more often than was told."""
    return alert.state == "delivered" and alert.times > alert.told and now_ms - alert.first_ms >= GROUP_MS


def pause_s(tries: int) -> float:
    """How long to wait after so many tries that failed."""
    return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** max(0, tries - 1))


def is_due(tries: int, tried_ms: int, now_ms: int) -> bool:
    """Whether it is time to try again."""
    return tries == 0 or now_ms - tried_ms >= pause_s(tries) * 1000


def stands(told_ms: int | None, now_ms: int) -> bool:
    """Whether what goes on is told now: it is new, or a day has passed."""
    return told_ms is None or now_ms - told_ms >= STANDING_MS
