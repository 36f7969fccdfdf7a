"""``mm-v1`` against a count of every multiplication of a decoder's forward passes, token by token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.shapes import ModelShapes
from appliance.policy.flops import flop, gflop

WIDTH, VOCABULARY = 64, 97


def shapes(*, heads=4, key_size=16, value_size=16, matrix_weights=1000, windows=(0, 0)):
    return ModelShapes(
        matrix_weights=matrix_weights,
        layers=len(windows),
        heads=heads,
        key_size=key_size,
        value_size=value_size,
        width=WIDTH,
        vocabulary=VOCABULARY,
        window_tokens=tuple(windows) if any(windows) else (),
    )


def counted(model, windows, *, prompt, cached, generated):
    """Multiply-adds of each position that is computed, counted one key at a time."""
    total = 0
    positions = range(cached + 1, prompt + max(generated - 1, 0) + 1)
    for position in positions:
        total += 2 * model.matrix_weights
        for window in windows:
            for key in range(1, position + 1):
                if window == 0 or key > position - window:
                    total += 2 * model.heads * model.key_size  # score
                    total += 2 * model.heads * model.value_size  # weighted value
    return total + generated * 2 * WIDTH * VOCABULARY


@pytest.mark.parametrize(
    ("windows", "extra"),
    [
        ((0, 0), {}),
        ((0, 0, 0), {"heads": 8, "key_size": 8, "value_size": 8}),
        ((0, 0), {"key_size": 24, "value_size": 10}),
        ((5, 5), {}),
        ((3, 0, 7), {"heads": 6}),
    ],
    ids=["MHA", "GQA counts query heads", "key and value sizes differ", "sliding window", "mixed windows"],
)
@pytest.mark.parametrize(
    ("prompt", "cached", "generated"),
    [(1, 0, 1), (12, 0, 9), (12, 7, 9), (12, 11, 1), (12, 0, 0), (4, 0, 12)],
)
def test_formula_equals_the_count_of_every_multiplication(windows, extra, prompt, cached, generated):
    model = shapes(windows=windows, **extra)
    expected = counted(model, windows, prompt=prompt, cached=cached, generated=generated)
    assert flop(model, prompt_tokens=prompt, cached_tokens=cached, generated_tokens=generated) == expected


@given(
    windows=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    prompt=st.integers(1, 20),
    generated=st.integers(0, 20),
    data=st.data(),
)
def test_formula_equals_the_count_for_any_small_shape(windows, prompt, generated, data):
    cached = data.draw(st.integers(0, prompt - 1))
    model = shapes(windows=windows)
    expected = counted(model, windows, prompt=prompt, cached=cached, generated=generated)
    assert flop(model, prompt_tokens=prompt, cached_tokens=cached, generated_tokens=generated) == expected


def test_a_request_is_rounded_up_once_to_whole_gflop():
    tiny = shapes(matrix_weights=1)
    assert gflop(tiny, prompt_tokens=1, cached_tokens=0, generated_tokens=1) == 1
    exact = shapes(matrix_weights=5 * 10**8, heads=0)
    assert gflop(exact, prompt_tokens=3, cached_tokens=0, generated_tokens=0) == 3


def test_an_8b_llama_costs_what_the_fact_sheet_says():
    llama = ModelShapes(
        matrix_weights=6_979_321_856, layers=32, heads=32, key_size=128, value_size=128, width=4096,
        vocabulary=128_256,
    )  # fmt: skip
    spent = gflop(llama, prompt_tokens=1000, cached_tokens=0, generated_tokens=500) / 10**6
    assert spent == pytest.approx(0.022, abs=0.0015)
