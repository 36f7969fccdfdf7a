"""What a request is charged equals what a forward pass multiplies, for every family of models."""

import pytest

from appliance.policy.flops import flop, flop_of_choices
from tests.policy.counted_passes import BERT, DECODERS, LLAMA, QWEN_MOE, VOCABULARY, Model, serve

PROMPT = [(7 * at + 3) % VOCABULARY for at in range(11)]

families = pytest.mark.parametrize("family", DECODERS, ids=lambda one: one.name)


@families
@pytest.mark.parametrize("answer", [0, 1, 7])
@pytest.mark.parametrize("cached", [0, 1, 10])
def test_a_request_costs_what_its_passes_multiply(family, cached, answer):
    model = Model(family)
    counted = serve(model, PROMPT, cached=cached, answers=(answer,))
    told = flop(model.shapes(), prompt_tokens=11, cached_tokens=cached, generated_tokens=answer)
    assert counted.flop == told


@families
@pytest.mark.parametrize("answers", [(3, 3), (1, 6, 2), (4, 1, 1, 1)])
@pytest.mark.parametrize("cached", [0, 6, 10])
def test_choices_share_the_prompt_but_for_its_last_token(family, cached, answers):
    model = Model(family)
    counted = serve(model, PROMPT, cached=cached, answers=answers)
    told = flop_of_choices(model.shapes(), prompt_tokens=11, cached_tokens=cached, generated_tokens=answers)
    assert counted.flop == told


@families
@pytest.mark.parametrize(("score_from", "cached", "answer"), [(0, 0, 0), (1, 0, 0), (5, 4, 0), (5, 0, 3)])
def test_scored_tokens_of_a_prompt_go_through_the_output_head(family, score_from, cached, answer):
    model = Model(family)
    counted = serve(model, PROMPT, cached=cached, answers=(answer,), score_from=score_from)
    told = flop(
        model.shapes(),
        prompt_tokens=11,
        cached_tokens=cached,
        generated_tokens=answer,
        scored_tokens=11 - max(1, score_from),
    )
    assert counted.flop == told


@pytest.mark.parametrize("tokens", [1, 2, 11])
@pytest.mark.parametrize("family", [BERT, LLAMA, QWEN_MOE], ids=lambda one: one.name)
def test_a_vector_costs_one_pass_over_its_text_and_no_output_head(family, tokens):
    model = Model(family)
    model.feed(PROMPT[:tokens], model.cache())
    told = flop(model.shapes(), prompt_tokens=tokens, cached_tokens=0, generated_tokens=0)
    assert model.count.flop == told


@families
def test_what_was_kept_of_a_prompt_changes_no_token(family):
    alone = serve(Model(family), PROMPT, answers=(6,)).answers
    assert serve(Model(family), PROMPT, cached=8, answers=(6,)).answers == alone
    assert serve(Model(family), PROMPT, cached=3, answers=(6, 6)).answers == alone * 2


@families
def test_a_cached_prefix_is_not_paid_again(family):
    whole, rest = (serve(Model(family), PROMPT, cached=cached).flop for cached in (0, 10))
    assert rest < whole / 5
