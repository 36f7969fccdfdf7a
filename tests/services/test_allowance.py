"""What one person may have per minute, and nobody else's of it."""

import pytest

from appliance.errors import BadRequest, RateLimited
from appliance.services import allowance
from appliance.services.allowance import Allowance


@pytest.fixture
def small(clock):
    return Allowance(requests_per_minute=2, tokens_per_minute=600, clock=clock)


def test_more_requests_than_a_minute_allows_are_refused_with_the_time_to_wait(small, clock):
    small.count("ada")
    small.count("ada")
    with pytest.raises(RateLimited) as refused:
        small.count("ada")
    assert (refused.value.code, refused.value.status) == ("rate_limit_exceeded", 429)
    assert refused.value.retry_after_s == 30
    clock.time_ms += 30_000
    small.count("ada")


def test_another_person_is_not_touched(small):
    for _ in range(2):
        small.count("ada")
    small.take("ada", 600)
    small.count("bob")
    assert small.left("bob").tokens.left == 600
    assert small.left("bob").requests.left == 1


def test_what_a_request_did_not_use_is_given_back_once(small):
    taken = small.take("ada", 500)
    assert small.left("ada").tokens.left == 100
    taken.settle(200)
    taken.settle(0)
    assert small.left("ada").tokens.left == 400


def test_tokens_are_refused_until_there_are_enough(small, clock):
    small.take("ada", 500)
    with pytest.raises(RateLimited) as refused:
        small.take("ada", 200)
    assert refused.value.retry_after_s == 10
    clock.time_ms += 10_000
    small.take("ada", 200)


def test_what_no_minute_can_give_is_a_mistake_of_the_request(small):
    with pytest.raises(BadRequest) as refused:
        small.take("ada", 601)
    assert refused.value.param == "max_tokens"
    assert small.left("ada").tokens.left == 600


def test_without_limits_nothing_is_refused_and_nothing_is_told(clock):
    free = Allowance(clock=clock)
    for _ in range(10_000):
        free.count("ada")
    free.take("ada", 10**9).settle(5)
    assert free.left("ada").requests is None
    assert free.left("ada").tokens is None


def test_people_whose_minute_is_whole_again_are_forgotten(small, clock, monkeypatch):
    monkeypatch.setattr(allowance, "MOST_KNOWN", 3)
    for name in "abc":
        small.count(name)
    clock.time_ms += 60_000
    small.count("d")
    assert set(small._requests._buckets) == {"d"}
