"""Numbers of ours in the shapes of ``prometheus_client``."""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from appliance.domain.distribution import Distribution

PREFIX: Final = "carrel_"

Labels = tuple[str, ...]


def counter(name: str, says: str, labels: Labels, values: Mapping[Labels, float]) -> CounterMetricFamily:
    """``name`` is without prefix and ``_total``. One sample for each set of labels."""
    family = CounterMetricFamily(PREFIX + name, says, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def gauge(name: str, says: str, labels: Labels, samples: Iterable[tuple[Labels, float]]) -> GaugeMetricFamily:
    """One sample for each set of labels."""
    family = GaugeMetricFamily(PREFIX + name, says, labels=labels)
    for key, value in samples:
        family.add_metric(list(key), value)
    return family


def histogram(name: str, says: str, label: str, values: Mapping[str, Distribution]) -> HistogramMetricFamily:
    """In seconds. ``name`` ends in ``_seconds``."""
    family = HistogramMetricFamily(PREFIX + name, says, labels=[label])
    for key, distribution in values.items():
        family.add_metric([key], _buckets(distribution), distribution.sum_s)
    return family


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus has them."""
    names = [*(f"{bound:g}" for bound in distribution.bounds), "+Inf"]
    total = 0
    buckets: list[tuple[str, float]] = []
    for name, count in zip(names, distribution.counts, strict=True):
        total += count
        buckets.append((name, total))
    return buckets
