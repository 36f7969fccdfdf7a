"""Sums that researchers made of what their studies cost, made again with what Carrel charges."""

from dataclasses import replace

import pytest

from appliance.domain.upstream import Price
from appliance.policy.budget import MICRO_PER_CREDIT
from appliance.policy.flops import flop, gflop
from appliance.policy.prices import micro_credits
from tests.policy.shipped_shapes import shapes_of

OPT = shapes_of("opt-175b")
LLAMA = shapes_of("llama-3.1-8b-instruct")

PROMPTS, READ, WRITTEN = 10_000, 20, 20
"""Abid et al., "Persistent Anti-Muslim Bias in Large Language Models" (2021), as GovAI counted it."""


def credits_of(shapes, **tokens):
    return gflop(shapes, cached_tokens=0, **tokens) / MICRO_PER_CREDIT


def test_the_study_has_400_000_tokens_which_are_140_credits_of_a_model_of_175_billion():
    tokens = PROMPTS * (READ + WRITTEN)
    assert tokens == 400_000
    assert 2 * 175 * 10**9 * tokens == 140 * 10**15


def test_the_study_is_charged_so_but_for_last_tokens_that_are_not_read_again():
    charged = PROMPTS * credits_of(OPT, prompt_tokens=READ, generated_tokens=WRITTEN)
    blocks = PROMPTS * (READ + WRITTEN - 1) * 2 * OPT.matrix_weights / 10**15
    assert blocks == pytest.approx(140 * 39 / 40 * OPT.matrix_weights / (175 * 10**9))
    assert blocks < charged < 1.01 * blocks
    assert charged == pytest.approx(136, abs=0.5)


def test_attention_and_head_of_the_study_are_a_part_in_three_hundred():
    bare = replace(OPT, matrix_weights=0)
    beside = PROMPTS * credits_of(bare, prompt_tokens=READ, generated_tokens=WRITTEN)
    assert beside == pytest.approx(0.3, abs=0.05)


def test_the_study_costs_24_dollars_at_6_cents_for_a_thousand_tokens():
    a_dollar_is_a_credit = 60 * MICRO_PER_CREDIT
    price = Price(a_dollar_is_a_credit, a_dollar_is_a_credit, a_dollar_is_a_credit)
    one = micro_credits(price, prompt_tokens=READ, cached_tokens=0, completion_tokens=WRITTEN)
    assert PROMPTS * one == 24 * MICRO_PER_CREDIT


def test_thirty_students_with_a_hundred_questions_each_need_about_70_credits():
    question = credits_of(LLAMA, prompt_tokens=1000, generated_tokens=500)
    assert question == pytest.approx(0.023, abs=0.001)
    assert 30 * 100 * question == pytest.approx(70, abs=5)


@pytest.mark.parametrize(("context", "part"), [(8192, 0.31), (131_072, 4.92)])
def test_attention_is_a_third_of_a_token_at_8_k_and_five_times_it_at_131_k(context, part):
    token = flop(LLAMA, prompt_tokens=context, cached_tokens=context - 1, generated_tokens=0)
    assert token / (2 * LLAMA.matrix_weights) - 1 == pytest.approx(part, abs=0.005)


def test_the_output_head_is_45_percent_of_a_small_model():
    small = shapes_of("opt-125m")
    assert small.width * small.vocabulary / small.matrix_weights == pytest.approx(0.45, abs=0.01)
