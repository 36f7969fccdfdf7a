"""The larger of two counts is charged, within what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.prompts import ChatPrompt, Message, TextPrompt, Tool
from appliance.domain.upstream import Price
from appliance.policy.prices import micro_credits, worst_price
from appliance.upstreams.answer_shapes import CachedTokens, Usage
from appliance.upstreams.charging import charged, differs
from appliance.upstreams.guessing import TokenCount, guess_prompt, guess_text

NUMBERS = st.integers(0, 5000)
COUNTS = st.one_of(NUMBERS.map(TokenCount.exactly), NUMBERS.map(guess_text))
USAGES = st.one_of(
    st.none(), st.builds(Usage, NUMBERS, NUMBERS, st.one_of(st.none(), st.builds(CachedTokens, NUMBERS)))
)


@given(COUNTS, st.lists(COUNTS, min_size=1, max_size=4), USAGES)
def test_nothing_is_charged_below_our_count_or_beyond_what_was_asked_for(prompt, answers, usage):
    most = sum(one.most for one in answers) + 100
    used = charged(prompt, answers, usage, most_tokens=most)
    total = sum(used.completion_tokens)
    assert sum(one.least for one in answers) <= total <= most
    assert prompt.least <= used.prompt_tokens <= max(prompt.bound, prompt.tokens)
    assert 0 <= used.cached_tokens <= used.prompt_tokens
    assert min(used.completion_tokens) >= 0
    if usage is not None:
        assert total >= min(usage.completion_tokens, most)


@given(NUMBERS, NUMBERS, NUMBERS, st.builds(Price, NUMBERS, NUMBERS, NUMBERS))
def test_what_is_held_covers_whatever_may_be_charged(prompt, cached, answer, price):
    worst = worst_price(price, most_prompt_tokens=prompt, max_completion_tokens=answer)
    cost = micro_credits(price, prompt_tokens=prompt, cached_tokens=cached, completion_tokens=answer)
    assert 0 <= cost <= worst.gflop
    assert worst.gflop_of_prompt <= worst.gflop
    assert worst.gflop_of_prompt + worst.gflop_per_token * answer >= cost - 1


def test_a_tenth_and_a_few_tokens_of_difference_are_no_alarm():
    assert not differs(TokenCount.exactly(5), 13)
    assert differs(TokenCount.exactly(5), 14)
    assert not differs(TokenCount.exactly(1000), 1100)
    assert differs(TokenCount.exactly(1000), 1101)
    assert not differs(guess_text(400), 100)
    assert differs(guess_text(400), 500)


def test_a_guess_grows_with_everything_in_a_prompt():
    short = guess_prompt(ChatPrompt((Message("user", "Hello"),)))
    long = guess_prompt(ChatPrompt((Message("user", "Hello"),), (Tool("f", "Does it.", "{}"),)))
    assert short.least <= short.tokens <= short.most
    assert long.tokens > short.tokens
    assert guess_prompt(TextPrompt("x")).tokens == 1
