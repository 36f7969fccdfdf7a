"""Decides whether and when a child that died is started again. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """At once after the first death, then ``base_s`` doubling up to ``most_s``.

    Not again after ``deaths`` deaths within ``window_s``.
    """

    base_s: float = 0.5
    most_s: float = 10.0
    deaths: int = 5
    window_s: float = 600.0


def delay_before_restart(deaths_s: Sequence[float], now_s: float, policy: RestartPolicy) -> float | None:
    """Seconds to wait before the next start, or None when the child is broken.

    ``deaths_s`` holds the monotonic times of all deaths so far, the one in question included.
    """
    recent = sum(now_s - death_s < policy.window_s for death_s in deaths_s)
    if recent >= policy.deaths:
        return None
    if recent <= 1:
        return 0.0
    # 2.0 ** 60 seconds is over any limit, and a larger exponent may overflow.
    return min(policy.most_s, policy.base_s * 2.0 ** min(recent - 2, 60))
