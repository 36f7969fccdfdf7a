"""What training takes: a small one counted, and large ones as they are known."""

from dataclasses import replace

import numpy as np
import pytest

from appliance.domain.shapes import ModelShapes
from appliance.policy.training_flops import training_gflop
from tests.policy.counted_passes import Counter
from tests.policy.shipped_shapes import RECIPES, shapes_of

LLAMA = shapes_of("llama-3.1-8b-instruct")
STACK, WIDTH, RANK, TOKENS = 3, 8, 2, 10**9
BARE = ModelShapes(STACK * WIDTH * WIDTH, STACK, heads=0, key_size=0, value_size=0, width=0, vocabulary=0)


def counted(*, adapters=False, checkpointing=False):
    """FLOP a token of a stack of matrices: forward, back through each, and the change of what is trained."""
    count, made = Counter(), np.random.default_rng(3)
    matrices = [made.normal(size=(WIDTH, WIDTH)) for _ in range(STACK)]
    low = [(made.normal(size=(WIDTH, RANK)), made.normal(size=(RANK, WIDTH))) for _ in range(STACK)]
    states = [made.normal(size=(1, WIDTH))]
    for _ in range(2 if checkpointing else 1):
        states = states[:1]
        for matrix, (down, up) in zip(matrices, low, strict=True):
            beside = count(count(states[-1], down), up) if adapters else 0
            states.append(count(states[-1], matrix) + beside)
    back = np.ones((1, WIDTH))
    for matrix, (down, up), state in zip(matrices[::-1], low[::-1], states[-2::-1], strict=True):
        through = count(back, matrix.T)
        if adapters:
            inner = count(back, up.T)
            count(state.T, inner)
            count((state @ down).T, back)
            through = through + count(inner, down.T)
        else:
            count(state.T, back)
        back = through
    return count.flop


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("adapters", [False, True])
def test_it_is_what_passes_there_and_back_multiply(adapters, checkpointing):
    told = training_gflop(
        BARE,
        tokens=TOKENS,
        sequence_tokens=100,
        adapter_weights=STACK * 2 * WIDTH * RANK if adapters else None,
        checkpointing=checkpointing,
    )
    assert told == counted(adapters=adapters, checkpointing=checkpointing) * TOKENS // 10**9


def test_all_weights_take_six_a_token_and_adapters_four_and_six():
    blocks = replace(LLAMA, heads=0, vocabulary=0)
    n, adapter = blocks.matrix_weights, 20_971_520
    some = {"tokens": TOKENS, "sequence_tokens": 2048}
    assert training_gflop(blocks, **some) == 6 * n
    assert training_gflop(blocks, **some, adapter_weights=adapter) == 4 * n + 6 * adapter
    again = training_gflop(blocks, **some, adapter_weights=adapter, checkpointing=True)
    assert again == 6 * n + 8 * adapter


def test_attention_of_longer_sequences_takes_more():
    short, long = (training_gflop(LLAMA, tokens=2**20, sequence_tokens=size) for size in (2**10, 2**15))
    assert long > 1.5 * short


def test_a_last_sequence_that_is_not_full_counts_as_it_is():
    whole = training_gflop(LLAMA, tokens=2048, sequence_tokens=2048)
    more = training_gflop(LLAMA, tokens=2049, sequence_tokens=2048)
    assert 0 < more - whole < whole / 1000


@pytest.mark.parametrize(
    ("model", "tokens", "sequence"),
    [
        ("bloom-176b", 366 * 10**9, 2048),
        ("gpt-neox-20b", 473 * 10**9, 2048),
        ("llama-3.1-8b-instruct", 15 * 10**12, 8192),
        ("llama-3.3-70b-instruct", 15 * 10**12, 8192),
    ],
)
def test_it_agrees_with_what_recipes_say_of_the_training_of_their_models(model, tokens, sequence):
    told = training_gflop(shapes_of(model), tokens=tokens, sequence_tokens=sequence)
    assert told == pytest.approx(RECIPES[model].training_gflop, rel=0.25)
