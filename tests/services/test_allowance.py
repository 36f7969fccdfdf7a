"""What one person may have per minute, and nobody else's of it."""

import pytest

from appliance.domain.people import Caller
from appliance.errors import BadRequest, RateLimited
from appliance.services.allowance import Allowance, minutes

ADA, BOB = Caller("key_a", "ada", "course"), Caller("key_b", "bob", "course")


@pytest.fixture
def small(clock):
    return Allowance(requests_per_minute=2, tokens_per_minute=600, clock=clock)


def test_more_requests_than_a_minute_allows_are_refused_with_the_time_to_wait(small, clock):
    small.count(ADA, "m")
    small.count(ADA, "m")
    with pytest.raises(RateLimited) as refused:
        small.count(ADA, "m")
    assert (refused.value.code, refused.value.status) == ("rate_limit_exceeded", 429)
    assert refused.value.retry_after_s == 30
    clock.time_ms += 30_000
    small.count(ADA, "m")


def test_another_person_is_not_touched(small):
    for _ in range(2):
        small.count(ADA, "m")
    small.take(ADA, "m", 600)
    small.count(BOB, "m")
    assert small.left(BOB).tokens.left == 600
    assert small.left(BOB).requests.left == 1


def test_what_a_request_did_not_use_is_given_back_once(small):
    taken = small.take(ADA, "m", 500)
    assert small.left(ADA).tokens.left == 100
    taken.settle(200)
    taken.settle(0)
    assert small.left(ADA).tokens.left == 400


def test_tokens_are_refused_until_there_are_enough(small, clock):
    small.take(ADA, "m", 500)
    with pytest.raises(RateLimited) as refused:
        small.take(ADA, "m", 200)
    assert refused.value.retry_after_s == 10
    clock.time_ms += 10_000
    small.take(ADA, "m", 200)


def test_what_no_minute_can_give_is_a_mistake_of_the_request(small):
    with pytest.raises(BadRequest) as refused:
        small.take(ADA, "m", 601)
    assert refused.value.param == "max_tokens"
    assert small.left(ADA).tokens.left == 600


def test_without_limits_nothing_is_refused_and_nothing_is_told(clock):
    free = Allowance(clock=clock)
    for _ in range(10_000):
        free.count(ADA, "m")
    free.take(ADA, "m", 10**9).settle(5)
    assert free.left(ADA).requests is None
    assert free.left(ADA).tokens is None


def test_people_whose_minute_is_whole_again_are_forgotten(small, clock, monkeypatch):
    monkeypatch.setattr(minutes, "MOST_KNOWN", 3)
    for name in "abc":
        small.count(Caller("key", name, "course"), "m")
    clock.time_ms += 60_000
    small.count(Caller("key", "d", "course"), "m")
    assert set(small._requests._buckets) == {("box", "d")}
