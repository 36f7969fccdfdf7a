"""Percentiles and bootstrap intervals: pure functions over numbers."""

import random
import statistics
from collections.abc import Sequence
from typing import Final

from appliance.domain.results import Spread

_RESAMPLES: Final = 4000


def percentile(values: Sequence[float], percent: float) -> float:
    """Linear between the two nearest ranks, as numpy's default. Raises ``ValueError`` for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> Spread | None:
    """Median, p95 and p99; None where nothing was measured."""
    if not values:
        return None
    p50, p95, p99 = (round(percentile(values, percent), 3) for percent in (50, 95, 99))
    return Spread(p50=p50, p95=p95, p99=p99)


def bootstrap_interval(
    values: Sequence[float], *, confidence: float = 0.9, seed: int = 0, resamples: int = _RESAMPLES
) -> tuple[float, float]:
    """Interval of the median by the percentile bootstrap (Efron, 1979).

    Raises ``ValueError`` for no values.
    """
    source = random.Random(seed)  # noqa: S311 - resampling, not a secret
    medians = [statistics.median(source.choices(values, k=len(values))) for _ in range(resamples)]
    tail = (1 - confidence) / 2 * 100
    return percentile(medians, tail), percentile(medians, 100 - tail)
