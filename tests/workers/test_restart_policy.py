"""When a dead child is started again, and when not any more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.workers.restart import RestartPolicy, delay_before_restart

POLICY = RestartPolicy()


def test_the_first_death_is_followed_by_a_restart_at_once():
    assert delay_before_restart([100.0], 100.0, POLICY) <= 0.1


def test_the_wait_doubles_with_each_death_up_to_its_limit():
    patient = RestartPolicy(base_s=1, most_s=10, deaths=100)
    waits = [delay_before_restart([0.0] * deaths, 0.0, patient) for deaths in range(1, 9)]
    assert waits == [0, 1, 2, 4, 8, 10, 10, 10]


def test_five_deaths_in_ten_minutes_are_the_end():
    assert delay_before_restart([0, 100, 200, 300, 599], 599, POLICY) is None


def test_deaths_of_long_ago_are_forgotten():
    assert delay_before_restart([0, 1, 2, 3, 700], 700, POLICY) == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.integers(2, 5000))
def test_a_wait_is_never_longer_than_the_limit(deaths_s, deaths):
    policy = RestartPolicy(deaths=deaths)
    wait_s = delay_before_restart(sorted(deaths_s), max(deaths_s), policy)
    assert wait_s is None or 0 <= wait_s <= policy.most_s


@pytest.mark.parametrize("deaths", [2000, 5000])
def test_very_many_deaths_do_not_overflow(deaths):
    patient = RestartPolicy(deaths=10_000)
    assert delay_before_restart([0.0] * deaths, 0.0, patient) == patient.most_s
