"""How fast bytes may come, and how often a host is asked again."""

import pytest

from appliance.weights.fetching.pace import Pace
from appliance.weights.fetching.patience import Patience


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize("rate", [50_000, 10_000_000])
def test_bytes_come_at_the_rate_that_is_set(rate):
    clock = Clock()
    pace, came = Pace(rate, clock), 0
    while clock.now < 110.0:
        count = pace.at_once(2**20)
        came += count
        clock.now += pace.wait_s(count)
    assert came == pytest.approx(10 * rate, rel=0.03)


def test_time_in_which_nothing_came_is_not_made_up_for():
    clock = Clock()
    pace = Pace(1000, clock)
    clock.now += 3600
    assert pace.wait_s(1000) == pytest.approx(0.95)


def test_without_a_limit_nobody_waits():
    pace = Pace(0)
    assert (pace.at_once(2**20), pace.wait_s(2**40)) == (2**20, 0.0)


def test_waits_double_to_the_longest_and_end():
    patience = Patience(tries=7, first_s=1.0, longest_s=10.0, chance=lambda: 1.0)
    assert [patience.wait_s(tries, None) for tries in range(1, 8)] == [1, 2, 4, 8, 10, 10, None]


def test_a_connection_that_brought_bytes_comes_back_at_once():
    assert Patience(chance=lambda: 1.0).wait_s(0, None) == pytest.approx(0.1)


def test_waits_are_spread():
    assert Patience(first_s=1.0, chance=lambda: 0.25).wait_s(2, None) == 0.5


def test_the_host_s_own_wish_goes_before():
    assert Patience().wait_s(3, 77.0) == 77.0
    assert Patience(tries=3).wait_s(3, 77.0) is None
