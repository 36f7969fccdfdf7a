"""When the next sync is due. Pure; ``chance`` is from 0 to below 1, so that boxes do not come all at once."""

from dataclasses import replace
from typing import Final

from appliance.domain.federation import SyncTimes

HOUR_MS: Final = 3_600_000
FIRST_WAIT_MS: Final = 60_000
LONGEST_WAIT_MS: Final = 6 * HOUR_MS
SHORTEST_WAIT_MS: Final = 5_000
_MOST_DOUBLINGS: Final = 12


def after_success(now_ms: int, *, every_h: int, chance: float, words: str) -> SyncTimes:
    """``every_h`` hours later, a tenth earlier or later."""
    wait_ms = int(every_h * HOUR_MS * (0.9 + 0.2 * chance))
    return SyncTimes(
        next_ms=now_ms + wait_ms if every_h else 0,
        last_ms=now_ms,
        good_ms=now_ms,
        failures=0,
        outcome=words,
    )


def after_failure(
    times: SyncTimes, now_ms: int, *, chance: float, words: str, retry_after_s: int | None = None
) -> SyncTimes:
    """Within a minute at first, within twice as much each time, within 6 hours at most (full jitter); not
    before the registry wants to be asked.
    """
    most_ms = min(FIRST_WAIT_MS << min(times.failures, _MOST_DOUBLINGS), LONGEST_WAIT_MS)
    wait_ms = max(int(most_ms * chance), SHORTEST_WAIT_MS, (retry_after_s or 0) * 1000)
    return replace(
        times, next_ms=now_ms + wait_ms, last_ms=now_ms, failures=times.failures + 1, outcome=words
    )


def due_in_ms(times: SyncTimes, now_ms: int, *, every_h: int) -> int | None:
    """0: now. None: by hand only. A time further away than any that is set here was set by a clock that was
    wrong.
    """
    if not every_h:
        return None
    farthest_ms = max(int(1.1 * every_h * HOUR_MS), LONGEST_WAIT_MS, 24 * HOUR_MS)
    wait_ms = times.next_ms - now_ms
    return 0 if wait_ms > farthest_ms else max(wait_ms, 0)
