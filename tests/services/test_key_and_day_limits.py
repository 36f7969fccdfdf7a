"""Limits of keys and of restrictions: per minute, per day and at once, beside those of everybody."""

from dataclasses import replace

import pytest

from appliance.domain.people import Caller
from appliance.domain.rates import DayUse, RateRule
from appliance.domain.restriction import Scope
from appliance.errors import BadRequest, PersonLimitReached, RateLimited
from appliance.services.allowance import Allowance, DayTally

ADA = Caller("key_a", "ada", "course")
ADAS_OTHER = Caller("key_b", "ada", "course")
BOB = Caller("key_c", "bob", "course")
TIERS = {"opt": "restricted", "opt-2": "restricted", "tiny": "open"}
DAY_MS = 86_400_000


class Rules:
    """Some for keys, some for scopes, which a test changes."""

    def __init__(self):
        self.of_keys = {}
        self.of_scopes = []

    def of_request(self, caller, model):
        return [
            one
            for one in self.of_caller(caller)
            if one.scope is None or one.scope.covers(model=model, tier=TIERS.get(model, ""), project="course")
        ]

    def of_caller(self, caller):
        rules = [replace(one, holder=caller.holder) for one in self.of_scopes]
        key = self.of_keys.get(caller.key_id)
        return rules if key is None else [replace(key, holder=caller.holder), *rules]


def of_key(key, **limits):
    return RateRule(f"key:{key}", "your key", "", key=key, **limits)


def of_tier(tier="restricted", **limits):
    return RateRule(f"tier:{tier}", "restriction t@1 (why)", "", scope=Scope("tier", tier), **limits)


@pytest.fixture
def rules():
    return Rules()


@pytest.fixture
def tally(clock):
    return DayTally(clock, lambda model: TIERS.get(model, ""))


@pytest.fixture
def allowance(clock, rules, tally):
    return Allowance(requests_per_minute=100, clock=clock, rules=rules, tally=tally)


def ask(allowance, caller=ADA, model="opt", tokens=10, **more):
    allowance.count(caller, model, **more)
    return allowance.take(caller, model, tokens, **more)


def test_a_keys_minute_is_its_own_and_the_persons_other_key_has_another(allowance, rules):
    rules.of_keys = {"key_a": of_key("key_a", requests_per_minute=2, tokens_per_minute=50)}
    for _ in range(2):
        ask(allowance)
    with pytest.raises(RateLimited, match=r"Your key allows 2 requests per minute: you have 0 left"):
        ask(allowance)
    ask(allowance, ADAS_OTHER)


def test_what_one_rule_refuses_no_other_has_taken(allowance, rules):
    rules.of_keys = {"key_a": of_key("key_a", tokens_per_minute=50)}
    rules.of_scopes = [of_tier(tokens_per_minute=20)]
    with pytest.raises(BadRequest):
        allowance.take(ADA, "opt", 40)
    assert [one.left.left for one in allowance.lines(ADA) if one.counted == "tokens"] == [50, 20]


def test_a_day_is_counted_over_all_models_of_the_tier_and_all_keys_of_the_person(allowance, rules, clock):
    rules.of_scopes = [of_tier(requests_per_day=3)]
    ask(allowance, ADA, "opt")
    ask(allowance, ADAS_OTHER, "opt-2@q8")
    ask(allowance, ADA, "tiny")
    ask(allowance, ADA, "opt")
    with pytest.raises(RateLimited) as refused:
        ask(allowance, ADAS_OTHER, "opt")
    assert (
        refused.value.retry_after_s == (clock.time_ms // DAY_MS * DAY_MS + DAY_MS - clock.time_ms) // 1000 + 1
    )
    ask(allowance, BOB, "opt")
    ask(allowance, ADA, "tiny")


def test_a_new_day_of_utc_is_whole(allowance, rules, clock):
    rules.of_scopes = [of_tier(requests_per_day=1)]
    ask(allowance)
    clock.time_ms = clock.time_ms // DAY_MS * DAY_MS + DAY_MS - 1
    with pytest.raises(RateLimited):
        ask(allowance)
    clock.time_ms += 1
    ask(allowance)


def test_tokens_of_a_day_are_taken_at_most_and_given_back(allowance, rules):
    rules.of_scopes = [of_tier(tokens_per_day=100)]
    taken = ask(allowance, tokens=80)
    with pytest.raises(RateLimited):
        ask(allowance, tokens=21)
    taken.settle(30)
    ask(allowance, tokens=70)
    with pytest.raises(BadRequest, match="per day"):
        ask(allowance, tokens=101)


def test_what_was_taken_yesterday_is_not_given_back_today(allowance, rules, clock):
    rules.of_scopes = [of_tier(tokens_per_day=100)]
    taken = ask(allowance, tokens=80)
    clock.time_ms += DAY_MS
    ask(allowance, tokens=60)
    taken.settle(0)
    with pytest.raises(RateLimited):
        ask(allowance, tokens=41)


def test_a_request_that_computed_nothing_is_none_of_the_days(allowance, rules):
    rules.of_scopes = [of_tier(requests_per_day=1)]
    ask(allowance).settle(0)
    ask(allowance).settle(5)
    with pytest.raises(RateLimited):
        ask(allowance)


def test_a_day_goes_on_after_a_restart(allowance, rules, tally):
    rules.of_scopes = [of_tier(requests_per_day=3, tokens_per_day=100)]
    rules.of_keys = {"key_b": of_key("key_b", requests_per_day=1)}
    tally.load(
        [DayUse("ada", "key_a", "course", "opt", 2, 60), DayUse("ada", "key_b", "course", "tiny", 1, 9)]
    )
    with pytest.raises(RateLimited, match="Your key allows 1 request per day"):
        ask(allowance, ADAS_OTHER, "tiny")
    ask(allowance, tokens=40)
    with pytest.raises(RateLimited):
        ask(allowance, tokens=0)


def test_a_changed_rule_finds_the_same_day_counted(allowance, rules):
    for _ in range(3):
        ask(allowance)
    rules.of_scopes = [of_tier(requests_per_day=3)]
    with pytest.raises(RateLimited):
        ask(allowance)
    rules.of_scopes = [of_tier(requests_per_day=4)]
    ask(allowance)


def test_a_smaller_minute_holds_at_once_and_a_larger_one_is_no_gift(allowance, rules):
    rules.of_scopes = [of_tier(requests_per_minute=10)]
    for _ in range(6):
        ask(allowance)
    rules.of_scopes = [of_tier(requests_per_minute=3)]
    for _ in range(3):
        ask(allowance)
    rules.of_scopes = [of_tier(requests_per_minute=100)]
    with pytest.raises(RateLimited):
        ask(allowance)


def test_a_key_has_so_many_requests_at_once(allowance, rules):
    rules.of_keys = {"key_a": of_key("key_a", running=2)}
    first, _second = ask(allowance), ask(allowance)
    with pytest.raises(
        PersonLimitReached, match=r"You have 2 requests running, and your key allows 2 at a time\."
    ):
        ask(allowance)
    ask(allowance, ADAS_OTHER)
    first.settle(3)
    first.settle(3)
    ask(allowance)
    with pytest.raises(PersonLimitReached):
        ask(allowance)


@pytest.mark.parametrize(
    ("limit", "refusal"), [("running", PersonLimitReached), ("requests_per_day", RateLimited)]
)
def test_two_that_passed_the_door_together_do_not_both_get_the_last_place(allowance, rules, limit, refusal):
    rules.of_keys = {"key_a": of_key("key_a", **{limit: 1})}
    allowance.count(ADA, "opt")
    allowance.count(ADA, "opt")
    allowance.take(ADA, "opt", 5)
    with pytest.raises(refusal):
        allowance.take(ADA, "opt", 5)


def test_the_day_of_one_key_is_not_that_of_the_persons_other_key(allowance, rules):
    rules.of_keys = {"key_a": of_key("key_a", requests_per_day=1)}
    ask(allowance, ADAS_OTHER)
    ask(allowance, ADA)
    with pytest.raises(RateLimited):
        ask(allowance, ADA)


def test_the_line_of_a_batch_is_limited_by_rules_and_not_by_everybodys_minute(clock, rules):
    rules.of_scopes = [of_tier(requests_per_day=3)]
    allowance = Allowance(requests_per_minute=1, clock=clock, rules=rules)
    for _ in range(3):
        ask(allowance, model="tiny", waits=False)
    allowance = Allowance(clock=clock, rules=rules, tally=DayTally(clock, lambda _model: "restricted"))
    for _ in range(3):
        ask(allowance, waits=False)
    with pytest.raises(RateLimited):
        ask(allowance, waits=False)


def test_the_tightest_of_the_model_that_was_asked_last_is_told(allowance, rules):
    rules.of_scopes = [of_tier(requests_per_day=5), of_tier("open", tokens_per_minute=50)]
    assert allowance.left(ADA).requests.limit == 100
    ask(allowance)
    assert (allowance.left(ADA).requests.limit, allowance.left(ADA).requests.left) == (5, 4)
    assert allowance.left(ADA).tokens is None
    ask(allowance, model="tiny")
    assert allowance.left(ADA).requests.limit == 100
    assert allowance.left(ADA).tokens.left == 40


def test_every_limit_that_somebody_can_meet_is_told(allowance, rules):
    rules.of_keys = {"key_a": of_key("key_a", requests_per_day=9)}
    rules.of_scopes = [of_tier(requests_per_day=5)]
    ask(allowance)
    assert [(one.by, one.counted, one.window, one.left.left) for one in allowance.lines(ADA)] == [
        ("box", "requests", "minute", 99),
        ("key:key_a", "requests", "day", 8),
        ("tier:restricted", "requests", "day", 4),
    ]
