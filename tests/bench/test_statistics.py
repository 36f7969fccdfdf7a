import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.bench.statistics import bootstrap_interval, percentile, spread

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@given(NUMBERS, st.floats(0, 100))
def test_a_percentile_is_what_numpy_says(values, percent):
    assert percentile(values, percent) == pytest.approx(np.percentile(values, percent), rel=1e-9, abs=1e-6)


def test_nothing_has_no_percentile():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
    assert spread([]) is None


def test_a_spread_is_median_p95_and_p99():
    found = spread(range(101))
    assert (found.p50, found.p95, found.p99) == (50, 95, 99)


@given(NUMBERS)
def test_an_interval_lies_within_the_values(values):
    low, high = bootstrap_interval(values, resamples=50)
    assert min(values) <= low <= high <= max(values)


def test_an_interval_covers_the_true_median_as_often_as_it_says():
    source = np.random.default_rng(5)
    drawn = [source.normal(1.0, 0.2, 15).tolist() for _ in range(200)]
    hits = 0
    for values in drawn:
        low, high = bootstrap_interval(values, resamples=200)
        hits += low <= 1.0 <= high
    assert 0.8 <= hits / len(drawn) <= 0.99


def test_an_interval_is_the_same_each_time():
    assert bootstrap_interval([1.0, 2.0, 4.0, 8.0]) == bootstrap_interval([1.0, 2.0, 4.0, 8.0])
