"""The token bucket: never more than a minute's worth, evenly filled."""

import math

from hypothesis import given
from hypothesis import strategies as st

from appliance.policy.rates import Bucket


def test_a_full_bucket_gives_a_minutes_worth_and_no_more():
    bucket = Bucket.full(60, 0.0)
    assert bucket.wait_s(60, 0.0) == 0
    assert bucket.wait_s(61, 0.0) == math.inf
    assert bucket.take(60, 0.0).left(0.0) == 0


def test_it_fills_evenly_and_says_when_there_is_enough():
    empty = Bucket.full(60, 0.0).take(60, 0.0)
    assert empty.wait_s(10, 0.0) == 10.0
    assert empty.wait_s(10, 4.0) == 6.0
    assert empty.left(10.5) == 10
    assert empty.full_in_s(15.0) == 45.0


def test_what_is_given_back_never_overfills_it():
    bucket = Bucket.full(60, 0.0).take(30, 0.0)
    assert bucket.give_back(10, 0.0).left(0.0) == 40
    assert bucket.give_back(500, 0.0).left(0.0) == 60


def test_a_debt_is_waited_out():
    owing = Bucket.full(60, 0.0).take(60, 0.0).give_back(-30, 0.0)
    assert owing.left(0.0) == 0
    assert owing.wait_s(1, 0.0) == 31.0


def test_a_clock_that_stands_still_fills_nothing():
    bucket = Bucket.full(60, 5.0).take(10, 5.0)
    assert bucket.at(5.0).level == bucket.at(1.0).level == 50


@given(
    per_minute=st.integers(1, 10_000),
    steps=st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 30)), max_size=60),
)
def test_whoever_waits_as_told_gets_it_and_nobody_gets_more_than_the_rate(per_minute, steps):
    bucket, now_s, taken = Bucket.full(per_minute, 0.0), 0.0, 0
    for amount, pause_s in steps:
        now_s += pause_s
        wait_s = bucket.wait_s(amount, now_s)
        if wait_s == math.inf:
            continue
        now_s += math.ceil(wait_s)
        assert bucket.wait_s(amount, now_s) == 0
        bucket = bucket.take(amount, now_s)
        taken += amount
        assert taken <= per_minute * (1 + now_s / 60) + 1e-3


def test_what_floats_are_off_by_keeps_nobody_waiting():
    bucket = Bucket.full(1, 0.0).take(1, 4.54914494406129)
    assert bucket.wait_s(1, 64.54914494406128) == 0
    assert bucket.left(64.54914494406128) == 1
