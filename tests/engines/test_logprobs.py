"""What a Runner tells of log-probabilities, fake or real: always those of the model's own distribution."""

from dataclasses import replace
from math import exp

import pytest

from appliance.engines.base import Scoring, Slice, StepPlan
from tests.engines.driving import GREEDY, generate, score, warm

PROMPT = list(b"The quick brown fox jumps over the lazy dog.")
NOISE = 5e-3
"""The order of sums differs between layouts and batches; random weights make the most of it."""
LAYOUTS = ({}, {"kv_layout": "split", "kv_tokens": 2048}, {"deterministic": True, "kv_tokens": 2048})


def numbers(told) -> list[float]:
    return [one.logprob for one in told]


def sample_with_top(runner, sequence, sampling, top, prompt=PROMPT[:20]):
    runner.drop(sequence)
    runner.prepare(sequence, sampling)
    result = runner.forward(StepPlan((Slice(sequence, prompt, 0, True, top),)))
    return result.sampled[0][1], result.logprobs[sequence]


def test_all_tokens_of_a_place_make_up_the_whole(open_runner):
    runner = open_runner()

    _, told = sample_with_top(runner, 0, GREEDY, runner.facts.vocabulary)

    assert sorted(token for token, _ in told.top) == list(range(runner.facts.vocabulary))
    assert sum(exp(logprob) for _, logprob in told.top) == pytest.approx(1, abs=1e-6)
    assert list(told.top) == sorted(told.top, key=lambda one: (-one[1], one[0]))


@pytest.mark.parametrize("top", [0, 1, 5])
def test_a_greedy_token_is_told_with_as_many_of_the_most_probable_as_asked(open_runner, top):
    token, told = sample_with_top(open_runner(), 0, GREEDY, top)

    assert told.token == token
    assert told.logprob <= 0
    assert len(told.top) == top
    assert told.top[:1] == ((token, told.logprob),)[:top]


def test_nothing_is_told_that_was_not_asked_for(open_runner):
    runner = open_runner()
    runner.prepare(0, GREEDY)

    result = runner.forward(StepPlan((Slice(0, PROMPT[:20], 0, True),)))

    assert (dict(result.logprobs), dict(result.scored)) == ({}, {})


@pytest.mark.parametrize(
    "sampling",
    [
        warm(3),
        replace(GREEDY, logit_bias=((65, 50.0),)),
        replace(warm(3), logit_bias=((65, 50.0),), presence_penalty=1.5),
    ],
    ids=["warm", "bias", "warm with bias and penalty"],
)
def test_what_a_sampler_does_is_in_no_log_probability(open_runner, sampling):
    runner = open_runner()
    _, plain = sample_with_top(runner, 0, GREEDY, 300)
    expected = dict(plain.top)

    token, told = sample_with_top(runner, 0, sampling, 300)

    assert told.logprob == pytest.approx(expected[token], abs=1e-5)
    assert dict(told.top) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("changes", LAYOUTS, ids=["as it is", "split", "deterministic"])
@pytest.mark.parametrize("chunk", [1, 7, 31])
def test_scores_do_not_depend_on_how_the_prompt_is_cut(open_runner, changes, chunk):
    runner = open_runner(batch_tokens=64, **changes)
    runner.prepare(0, GREEDY)
    runner.prepare(1, GREEDY)

    whole = score(runner, 0, PROMPT)

    assert [one.token for one in whole] == PROMPT[1:]
    assert numbers(score(runner, 1, PROMPT, chunk=chunk)) == pytest.approx(numbers(whole), abs=NOISE)


@pytest.mark.parametrize("changes", LAYOUTS, ids=["as it is", "split", "deterministic"])
def test_scores_beside_others_are_those_of_each_alone(open_runner, changes):
    runner = open_runner(batch_tokens=128, max_sequences=8, **changes)
    prompts = {5: PROMPT[:12], 1: PROMPT[5:30], 3: PROMPT[20:]}
    alone = {}
    for sequence, prompt in prompts.items():
        runner.prepare(sequence, GREEDY)
        alone[sequence] = score(runner, sequence, prompt, top=3)
        runner.drop(sequence)
        runner.prepare(sequence, GREEDY)
    for sampling in (0, 2):
        runner.prepare(sampling, GREEDY)

    result = runner.forward(
        StepPlan(
            (
                Slice(2, PROMPT[:9], 0, True, 2),
                *[
                    Slice(sequence, prompt, 0, False, None, Scoring(0, prompt[1:], 3))
                    for sequence, prompt in prompts.items()
                ],
                Slice(0, PROMPT[:9], 0, True),
            )
        )
    )

    assert set(result.scored) == set(prompts)
    for sequence, expected in alone.items():
        assert [one.token for one in result.scored[sequence]] == [one.token for one in expected]
        assert numbers(result.scored[sequence]) == pytest.approx(numbers(expected), abs=NOISE)
        assert [one.top[0][0] for one in result.scored[sequence]] == [one.top[0][0] for one in expected]
    assert [sequence for sequence, _ in result.sampled] == [2, 0]
    assert result.sampled[0][1] == result.sampled[1][1] == result.logprobs[2].token
    assert set(result.logprobs) == {2}


def test_only_the_places_asked_for_are_scored(open_runner):
    runner = open_runner(batch_tokens=64)
    for sequence in (0, 1):
        runner.prepare(sequence, GREEDY)
    whole = score(runner, 0, PROMPT)

    result = runner.forward(
        StepPlan((Slice(1, PROMPT, 0, True, 0, Scoring(10, PROMPT[11:16])),)),
    )

    assert [one.token for one in result.scored[1]] == PROMPT[11:16]
    assert numbers(result.scored[1]) == pytest.approx(numbers(whole[10:15]), abs=NOISE)
    assert [sequence for sequence, _ in result.sampled] == [1]


def test_an_answer_scored_as_a_prompt_has_the_log_probabilities_it_was_sampled_with(open_runner):
    runner = open_runner(batch_tokens=64)
    runner.prepare(0, warm(4))
    runner.prepare(1, GREEDY)
    told, tokens = [], PROMPT[:20]
    for start in range(len(tokens), len(tokens) + 12):
        fed = tokens if start == len(tokens) and not told else tokens[-1:]
        result = runner.forward(StepPlan((Slice(0, fed, len(tokens) - len(fed), True, 0),)))
        told.append(result.logprobs[0])
        tokens.append(result.sampled[0][1])

    scored = score(runner, 1, tokens)

    assert numbers(scored[19:]) == pytest.approx(numbers(told), abs=NOISE)


def test_scoring_changes_no_token(open_runner):
    runner = open_runner(batch_tokens=64)
    runner.prepare(0, GREEDY)
    runner.prepare(1, GREEDY)
    expected = generate(runner, 0, PROMPT, 1)

    result = runner.forward(StepPlan((Slice(1, PROMPT, 0, True, 4, Scoring(0, PROMPT[1:], 4)),)))

    assert [token for _, token in result.sampled] == expected
