"""How one forward pass is shared."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.engines.scheduler.planning import share_out

LINES = st.lists(st.integers(1, 3000), max_size=40)


@given(st.integers(0, 300), LINES, st.integers(8, 512))
def test_a_pass_is_never_over_its_budget_nor_empty_while_there_is_work(decoding, prefilling, batch_tokens):
    shares = share_out(decoding, prefilling, batch_tokens)

    assert shares.tokens == min(batch_tokens, decoding + sum(prefilling))
    assert 0 <= shares.decoding <= decoding
    assert len(shares.prefilling) <= len(prefilling)
    assert all(1 <= share <= asked for share, asked in zip(shares.prefilling, prefilling, strict=False))


def test_decoding_sequences_are_served_before_prompts():
    assert share_out(20, [100], 32).decoding == 20


def test_prompts_keep_a_quarter_when_more_decode_than_fit():
    shares = share_out(100, [100], 32)

    assert (shares.decoding, shares.prefilling) == (24, (8,))


def test_a_lone_prompt_takes_all_that_is_left():
    assert share_out(2, [100], 32).prefilling == (30,)


def test_a_long_prompt_leaves_half_to_those_behind_it():
    assert share_out(0, [1000, 5, 9, 1000], 32).prefilling == (16, 5, 9, 2)


def test_what_short_prompts_leave_goes_to_the_long_one():
    assert share_out(0, [1000, 5], 32).prefilling == (27, 5)
