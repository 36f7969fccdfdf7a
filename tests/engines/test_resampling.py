"""Drawing anew among the tokens that are allowed: within them the model's distribution decides."""

from collections import Counter
from dataclasses import replace
from math import exp

import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import Slice, StepPlan
from tests.engines.driving import GREEDY, warm

PROMPT = list(b"The quick brown fox ")
LETTERS = tuple(b"aeiou")
PLAIN = Sampling(temperature=1.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)


def mask(tokens, size=300) -> bytes:
    return sum(1 << token for token in tokens).to_bytes(-(-size // 8), "little")


def sampled(runner, sampling, sequence=0, top=None):
    runner.drop(sequence)
    runner.prepare(sequence, sampling)
    result = runner.forward(StepPlan((Slice(sequence, PROMPT, 0, True, top),)))
    return result.sampled[0][1]


def distribution(runner) -> dict[int, float]:
    runner.drop(7)
    runner.prepare(7, GREEDY)
    result = runner.forward(StepPlan((Slice(7, PROMPT, 0, True, runner.facts.vocabulary),)))
    return {token: exp(logprob) for token, logprob in result.logprobs[7].top}


@pytest.mark.parametrize("sampling", [GREEDY, warm(2)], ids=["greedy", "warm"])
@pytest.mark.parametrize(
    "changes", [{}, {"deterministic": True, "kv_tokens": 2048}], ids=["", "deterministic"]
)
def test_the_new_token_is_one_that_is_allowed(open_runner, sampling, changes):
    runner = open_runner(**changes)
    for token in (0, 7, 8, 65, 255):
        sampled(runner, sampling)

        assert runner.resample(0, mask([token])) == (token, None)


def test_at_temperature_0_it_is_the_most_probable_one_that_is_allowed(open_runner):
    runner = open_runner()
    probabilities = distribution(runner)
    sampled(runner, GREEDY)

    token, told = runner.resample(0, mask(LETTERS), 2)

    assert token == max(LETTERS, key=probabilities.get)
    assert exp(told.logprob) == pytest.approx(probabilities[token], rel=1e-4)
    assert [other for other, _ in told.top] == list(probabilities)[:2]


def test_the_same_place_can_be_drawn_anew_several_times(open_runner):
    runner = open_runner()
    first = sampled(runner, GREEDY)

    assert runner.resample(0, mask([66]))[0] == 66
    assert runner.resample(0, mask([67]))[0] == 67
    assert runner.resample(0, b"\xff" * 38)[0] == first


def test_a_mask_shorter_than_the_vocabulary_allows_nothing_behind_its_end(open_runner):
    runner = open_runner()
    sampled(runner, replace(PLAIN, logit_bias=((65, 100.0),)))

    assert runner.resample(0, b"\x00\x06")[0] in (9, 10)


def test_each_sequence_is_drawn_anew_from_its_own_place(open_runner):
    runner = open_runner()
    prompts = {3: PROMPT[:5], 0: PROMPT[:9], 1: PROMPT[:3]}
    alone = {}
    for sequence, prompt in prompts.items():
        runner.prepare(sequence, GREEDY)
        runner.forward(StepPlan((Slice(sequence, prompt, 0, True),)))
        alone[sequence] = runner.resample(sequence, mask(range(97, 123)))[0]
        runner.drop(sequence)
        runner.prepare(sequence, GREEDY)

    runner.forward(StepPlan(tuple(Slice(sequence, prompt, 0, True) for sequence, prompt in prompts.items())))

    assert {sequence: runner.resample(sequence, mask(range(97, 123)))[0] for sequence in prompts} == alone


@pytest.mark.parametrize(
    "changes", [{"kv_layout": "split", "kv_tokens": 2048}, {"deterministic": True, "kv_tokens": 2048}]
)
def test_in_every_layout_rows_are_found_again(open_runner, changes):
    plain = open_runner()
    runner = open_runner(**changes)
    slices = tuple(Slice(sequence, PROMPT[: 3 + sequence], 0, True) for sequence in (4, 2, 0))
    for one in (plain, runner):
        for sequence in (0, 2, 4):
            one.prepare(sequence, GREEDY)
        one.forward(StepPlan(slices))

    for sequence in (4, 0, 2):
        assert runner.resample(sequence, mask(LETTERS)) == plain.resample(sequence, mask(LETTERS))


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"repeat_penalty": 1.3}], ids=["plain", "weighted"])
def test_draws_follow_the_distribution_of_what_is_allowed(open_any_runner, changes):
    # Sample, and draw anew where a token is refused, as a scheduler does: over both together the frequencies
    # are the model's over what is allowed. Random weights make it flat, so the bias gives it some shape.
    runner = open_any_runner("llama_cpp")
    bias = tuple((letter, float(place)) for place, letter in enumerate(LETTERS))
    probabilities = distribution(runner)
    weights = {letter: probabilities[letter] * exp(place) for place, letter in enumerate(LETTERS)}
    if not changes:
        weights, bias = {letter: probabilities[letter] for letter in LETTERS}, ()
    draws = 3000
    counts: Counter[int] = Counter()
    for seed in range(draws):
        token = sampled(runner, replace(PLAIN, seed=seed, logit_bias=bias, **changes))
        if token not in LETTERS:
            token, _ = runner.resample(0, mask(LETTERS))
        counts[token] += 1

    expected = {letter: draws * weight / sum(weights.values()) for letter, weight in weights.items()}
    chi_squared = sum((counts[letter] - expected[letter]) ** 2 / expected[letter] for letter in LETTERS)
    # With 4 degrees of freedom 1 in 1000 is above; seeds are fixed, so it is the same at every run.
    assert chi_squared < 18.5
    assert sum(counts.values()) == draws


def test_the_fake_draws_above_temperature_0_what_is_probable(open_any_runner):
    runner = open_any_runner("fake")
    probabilities = distribution(runner)
    letters = sorted(LETTERS, key=probabilities.get)
    counts: Counter[int] = Counter()
    for seed in range(500):
        sampled(runner, replace(PLAIN, seed=seed))
        counts[runner.resample(0, mask([letters[0], letters[-1]]))[0]] += 1

    share = probabilities[letters[-1]] / (probabilities[letters[0]] + probabilities[letters[-1]])
    assert counts[letters[-1]] / 500 == pytest.approx(share, abs=0.07)
