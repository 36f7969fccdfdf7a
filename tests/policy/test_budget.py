"""Credits as text, and the most that a request can cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest
from appliance.policy.budget import credits_text, parse_credits, worst_case
from appliance.policy.flops import gflop

LLAMA = ModelShapes(
    matrix_weights=6_979_321_856,
    layers=32,
    heads=32,
    key_size=128,
    value_size=128,
    width=4096,
    vocabulary=128_256,
)


@pytest.mark.parametrize(
    ("text", "micro"),
    [("0", 0), ("0.01", 10_000), ("0.000001", 1), (" 12.5 ", 12_500_000), ("9000000000", 9 * 10**15)],
)
def test_credits_are_read_exactly(text, micro):
    assert parse_credits(text) == micro


@pytest.mark.parametrize("text", ["none", "None", " NONE "])
def test_none_means_without_limit(text):
    assert parse_credits(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1e3",
        "NaN",
        "Infinity",
        "0.0000001",
        "1,5",
        "9000000001",
        "1" * 40,
        "٣",
        "1.",
        ".5",
        "0x1",
    ],
)
def test_anything_else_is_refused_with_the_argument_named(text):
    with pytest.raises(BadRequest) as refusal:
        parse_credits(text)
    assert refusal.value.param == "credits"


@pytest.mark.parametrize(
    ("micro", "shown"), [(0, "0"), (1, "0.000001"), (1_500_000, "1.5"), (10**18, "1000000000000")]
)
def test_credits_are_shown_exactly(micro, shown):
    assert credits_text(micro) == shown


@given(st.integers(0, 9 * 10**15))
def test_credits_written_are_read_back(micro):
    assert parse_credits(credits_text(micro)) == micro


@given(prompt=st.integers(1, 5000), most=st.integers(1, 5000), data=st.data())
def test_no_answer_costs_more_than_the_worst_case(prompt, most, data):
    held = worst_case(LLAMA, prompt_tokens=prompt, max_completion_tokens=most)
    generated = data.draw(st.integers(0, most))
    cached = data.draw(st.integers(0, prompt - 1))
    used = gflop(LLAMA, prompt_tokens=prompt, cached_tokens=cached, generated_tokens=generated)
    assert used <= held.gflop
    assert used <= held.gflop_of_prompt + generated * held.gflop_per_token
