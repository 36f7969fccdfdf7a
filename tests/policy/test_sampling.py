"""Which requests are spot checks: by the seed of the day and the rate of the tier, and by nothing else."""

import hashlib
import hmac
from fractions import Fraction

import msgspec
import pytest

from appliance.domain.generation import EmbeddingRequest, GenerationRequest, ServiceClass
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt, TokenPrompt
from appliance.domain.samples import Choice, LedgerLine, RateChange, TierChange
from appliance.errors import BadRequest
from appliance.policy.sampling.choosing import (
    Rules,
    Timeline,
    begin_of,
    commitment,
    day_of,
    is_below,
    is_sample,
)
from appliance.policy.sampling.comparing import Comparison
from appliance.policy.sampling.content import MOST_BYTES, Content, Hearing, as_content, kind_of
from appliance.policy.sampling.rates import DEFAULTS, rate_text, read_rate

SEED = bytes(range(32))
ALL = Rules().with_rate(RateChange("open", Fraction(1), 0)).with_tier(TierChange("m", "open", 0))


def line(number=1, *, holder="ada", model="m", at=100):
    return LedgerLine(f"req_{number}", holder, model, at)


def test_the_choice_is_the_hmac_of_the_request_s_id():
    rate = Fraction(1, 5)
    for number in range(300):
        drawn = hmac.new(SEED, f"req_{number}".encode(), hashlib.sha256).digest()
        below = int.from_bytes(drawn[:8], "big") / 2**64 < 1 / 5
        assert is_below(SEED, f"req_{number}", rate) == below


def test_about_as_many_are_chosen_as_the_rate_says_and_others_with_another_seed():
    ids = [f"req_{number}" for number in range(20_000)]
    chosen = {one for one in ids if is_below(SEED, one, Fraction(1, 20))}
    others = {one for one in ids if is_below(bytes(32), one, Fraction(1, 20))}
    # Five standard deviations of 20,000 draws.
    assert abs(len(chosen) - 1000) < 155
    assert len(chosen & others) < 100


def test_all_and_none_are_exact():
    assert all(is_below(SEED, f"req_{number}", Fraction(1)) for number in range(1000))
    assert not any(is_sample(line(number), SEED, Rules()) for number in range(1000))


def test_a_change_counts_for_requests_that_begin_later():
    rules = ALL.with_rate(RateChange("open", Fraction(0), 200))
    assert is_sample(line(at=199), SEED, rules)
    assert not is_sample(line(at=200), SEED, rules)
    back = rules.with_rate(RateChange("open", Fraction(1), 300))
    assert is_sample(line(at=300), SEED, back)


def test_a_model_is_of_the_tier_that_it_had_when_the_request_began():
    rules = ALL.with_tier(TierChange("m", "restricted", 200))
    assert rules.tier_of("m", 199) == "open"
    assert rules.tier_of("m", 200) == "restricted"
    assert not is_sample(line(at=200), SEED, rules)
    assert Rules().with_tier(TierChange("m", "open", 200)).tier_of("m", 100) == "open"
    assert rules.tier_of("other", 100) == ""


def test_who_refuses_is_never_sampled_and_others_are():
    rules = ALL.with_choice(Choice("ada", "nlp", refuses=True, consents=False, since_ms=100))
    assert is_sample(line(at=99), SEED, rules)
    assert not is_sample(line(at=100), SEED, rules)
    assert is_sample(line(holder="bob"), SEED, rules)
    again = rules.with_choice(Choice("ada", "nlp", refuses=False, consents=False, since_ms=150))
    assert is_sample(line(at=150), SEED, again)


def test_of_two_changes_at_one_moment_the_later_counts():
    assert Timeline().with_change(5, "a").with_change(5, "b").at(5) == "b"
    assert Timeline().with_change(5, "a").with_change(3, "b").changes == ((3, "b"), (5, "a"))
    assert Timeline().now is None


def test_a_comparison_names_what_is_missing_and_what_should_not_be_there():
    found = Comparison(SEED, ALL, frozenset({"req_1", "req_7", "req_9"}))
    found.look([line(1), line(2)])
    found.look([line(7), line(8, model="other")])
    assert found.requests == 4
    assert found.missing == ["req_2"]
    assert found.extra == ["req_9"]


@pytest.mark.parametrize(
    ("text", "rate"), [("1/200", Fraction(1, 200)), ("0", 0), ("1", 1), (" 2/4 ", Fraction(1, 2))]
)
def test_a_rate_is_written_as_a_part(text, rate):
    assert read_rate(text) == rate
    assert read_rate(rate_text(read_rate(text))) == rate


@pytest.mark.parametrize("text", ["", "2", "-1", "1/0", "3/2", "0.5", "1/2000000", "1 / 2", "1/2\n3", "١/٢"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(BadRequest):
        read_rate(text)


def test_nothing_of_open_models_is_sampled_unless_the_lab_says_so():
    assert DEFAULTS["open"] == 0
    assert list(DEFAULTS) == ["open", "registered", "approved", "restricted"]


def test_a_day_is_one_of_utc():
    assert day_of(begin_of("2026-11-21")) == "2026-11-21"
    assert day_of(begin_of("2026-11-21") - 1) == "2026-11-20"
    with pytest.raises(ValueError):
        begin_of("yesterday")


def test_a_commitment_is_the_hash_of_the_seed():
    assert commitment(SEED) == hashlib.sha256(SEED).hexdigest()


def chat(*contents):
    return GenerationRequest("r", "m", ChatPrompt(tuple(Message("user", one) for one in contents)))


def test_content_is_prompt_and_answers_by_choice():
    hearing = Hearing(chat("Hello", "there"))
    hearing.hear(1, "B")
    hearing.hear(0, "A")
    hearing.hear(1, "b")
    told = msgspec.json.decode(hearing.content(), type=Content)
    assert told == Content(["user: Hello", "user: there"], ["A", "Bb"], cut=False)


def test_content_is_bounded_and_says_that_it_was_cut():
    hearing = Hearing(chat("ä" * MOST_BYTES, "more"))
    for _ in range(50):
        hearing.hear(0, "ö" * 1000)
    told = msgspec.json.decode(hearing.content(), type=Content)
    texts = [*told.prompt, *told.answers]
    assert sum(len(one.encode()) for one in texts) <= MOST_BYTES
    assert told.cut
    assert told.prompt[0].startswith("user: ää")
    assert told.answers[0].startswith("öö")


def test_a_shared_prompt_has_the_same_shape():
    assert msgspec.json.decode(as_content("Hi"), type=Content) == Content(["Hi"], [])


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (chat("Hi"), "chat"),
        (GenerationRequest("r", "m", TextPrompt("Hi")), "text"),
        (GenerationRequest("r", "m", TokenPrompt((1,))), "tokens"),
        (EmbeddingRequest("r", "m", (TextPrompt("Hi"),)), "vectors"),
        (GenerationRequest("r", "m", TextPrompt("Hi"), service_class=ServiceClass.OVERNIGHT), "batch"),
    ],
)
def test_what_was_asked_is_told_in_one_word(request_, kind):
    assert kind_of(request_) == kind
