"""How the torch engine picks tokens out of a tensor of logits."""
# ruff: noqa: E402 - torch is imported where it is installed only

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.generation import Sampling
from appliance.engines.logits.weighting import Weighting
from tests.engines.driving import GREEDY, warm
from tests.required import require_torch

require_torch()

import torch

from appliance.engines.torch.sampling import Samplers

VOCABULARY = 500
PLAIN = Sampling(temperature=1.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)
COMPANY = {
    0: GREEDY,
    1: warm(5),
    2: replace(GREEDY, logit_bias=((3, 9.0),), presence_penalty=2.0),
    3: replace(warm(6), top_k=3, top_p=0.5),
    4: replace(warm(7), frequency_penalty=1.0),
    5: replace(warm(8), min_p=0.2, temperature=2.0),
    6: GREEDY,
}


@pytest.fixture
def logits():
    """Steps of rows, one for each sequence."""
    return torch.randn(12, len(COMPANY), VOCABULARY, generator=torch.Generator().manual_seed(3)) * 3


@pytest.fixture
def samplers():
    return Samplers(VOCABULARY, keeps=False)


def mask(*tokens) -> bytes:
    return sum(1 << token for token in tokens).to_bytes(-(-VOCABULARY // 8), "little")


def alone(sequence, steps) -> list[int]:
    samplers = Samplers(VOCABULARY, keeps=False)
    samplers.put(sequence, COMPANY[sequence])
    return [samplers.sample([sequence], rows[sequence : sequence + 1])[0][1] for rows in steps]


def test_in_company_everybody_has_the_tokens_of_being_alone(samplers, logits):
    for sequence, sampling in COMPANY.items():
        samplers.put(sequence, sampling)
    order = [5, 2, 0, 6, 1, 4, 3]

    steps = [samplers.sample(order, rows[order]) for rows in logits]

    for place, sequence in enumerate(order):
        assert [step[place] for step in steps] == [(sequence, token) for token in alone(sequence, logits)]


@given(
    st.lists(st.integers(-20, 20), min_size=8, max_size=60),
    st.lists(st.tuples(st.integers(0, 7), st.floats(-30, 30)), max_size=8),
    st.integers(1, 4),
    st.floats(0, 3),
    st.integers(0, 99),
)
def test_weighted_draws_are_those_from_the_whole_weighted_row(row, bias, top_k, penalty, seed):
    # Of few candidates only, and with the same dice.
    for temperature in (0.0, 1.0):
        sampling = replace(
            PLAIN,
            temperature=temperature,
            top_k=top_k,
            seed=seed,
            logit_bias=tuple(bias),
            presence_penalty=penalty,
        )
        rows = torch.tensor([row], dtype=torch.float32)
        samplers, whole = (Samplers(len(row), keeps=False) for _ in range(2))
        samplers.put(0, sampling)
        whole.put(0, replace(sampling, logit_bias=(), presence_penalty=0.0))
        weighting = Weighting(sampling)
        for _ in range(4):
            token = samplers.sample([0], rows)[0][1]
            weighting.go_on()
            assert whole.sample([0], torch.from_numpy(weighting.applied(rows[0].numpy()))[None]) == [
                (0, token)
            ]
            weighting.draw(token)


def test_a_seed_gives_its_tokens_again_and_another_seed_others(samplers, logits):
    def answer(seed):
        samplers.put(1, warm(seed))
        return [samplers.sample([1], rows[1:2])[0][1] for rows in logits]

    assert answer(5) == answer(5) != answer(6)


def test_greedy_takes_the_largest_and_of_equal_ones_the_lowest_number(samplers):
    samplers.put(0, GREEDY)
    samplers.put(4, GREEDY)
    rows = torch.zeros(2, VOCABULARY)
    rows[0, [400, 30]] = 2.0

    assert samplers.sample([4, 0], rows) == [(4, 30), (0, 0)]


def test_a_pass_in_which_nobody_samples_is_fine(samplers):
    samplers.put(0, replace(GREEDY, presence_penalty=1.0))

    assert samplers.sample([], torch.empty(0, VOCABULARY)) == []


def test_frequencies_are_those_of_the_softmax(samplers):
    row = torch.full((1, VOCABULARY), -30.0)
    row[0, 100:105] = torch.tensor([0.0, 1.0, 2.0, -1.0, 0.5])
    expected = torch.softmax(row[0].double(), 0)[100:105].numpy()
    draws = 3000
    samplers.put(0, PLAIN)

    counts = Counter(samplers.sample([0], row)[0][1] for _ in range(draws))

    drawn = np.array([counts[token] for token in range(100, 105)])
    # With 4 degrees of freedom 1 in 1000 is above; the seed is fixed, so it is the same at every run.
    assert ((drawn - draws * expected) ** 2 / (draws * expected)).sum() < 18.5


@pytest.mark.parametrize("repeat_penalty", [1.0, 1.3], ids=["plain", "weighted"])
def test_draws_and_new_draws_together_follow_what_is_allowed(repeat_penalty):
    # As a scheduler does: sample, and draw anew where a token is refused.
    allowed = (100, 101, 102, 103)
    row = torch.zeros(1, VOCABULARY)
    row[0, :105] = torch.arange(105) % 7 / 2.0
    weights = torch.exp(row[0, list(allowed)]).double().numpy()
    samplers, counts = Samplers(VOCABULARY, keeps=False), Counter()
    draws = 2000
    for seed in range(draws):
        samplers.put(0, replace(PLAIN, seed=seed, repeat_penalty=repeat_penalty))
        token = samplers.sample([0], row)[0][1]
        counts[token if token in allowed else samplers.resample(0, mask(*allowed))[0]] += 1

    expected = draws * weights / weights.sum()
    drawn = np.array([counts[token] for token in allowed])
    # With 3 degrees of freedom 1 in 1000 is above; seeds are fixed, so it is the same at every run.
    assert ((drawn - expected) ** 2 / expected).sum() < 16.3


@pytest.mark.parametrize("sampling", [GREEDY, warm(2), replace(warm(2), logit_bias=((9, 1.0),))])
def test_another_token_is_one_that_is_allowed_from_the_row_of_its_place(samplers, logits, sampling):
    for sequence in (3, 1):
        samplers.put(sequence, sampling)
    samplers.sample([3, 1], logits[0][:2])

    for tokens in ((7,), (499,), (0,), (12, 13)):
        token, row = samplers.resample(1, mask(*tokens))
        assert token in tokens
        assert row.tolist() == logits[0][1].tolist()
    assert samplers.resample(3, mask(*range(VOCABULARY)))[1].tolist() == logits[0][0].tolist()


def test_at_temperature_0_another_token_is_the_most_probable_one_that_is_allowed(samplers, logits):
    samplers.put(0, GREEDY)
    first = samplers.sample([0], logits[0][:1])[0][1]
    allowed = [token for token in range(200) if token != first]

    assert samplers.resample(0, mask(*allowed))[0] == max(allowed, key=logits[0][0].__getitem__)
    assert samplers.resample(0, b"\xff" * 80)[0] == first


@pytest.mark.parametrize("sampling", [GREEDY, PLAIN], ids=["greedy", "warm"])
def test_another_token_is_drawn_with_the_bias_of_its_request(samplers, logits, sampling):
    samplers.put(0, replace(sampling, logit_bias=((12, 100.0),)))
    samplers.sample([0], logits[0][:1])

    assert samplers.resample(0, mask(11, 12, 13))[0] == 12


def test_a_draw_among_many_allowed_looks_at_the_most_probable_ones(samplers, logits):
    samplers.put(0, replace(PLAIN, top_k=2))
    samplers.sample([0], logits[0][:1])
    allowed = range(100, 400)
    best = sorted(allowed, key=lambda token: -float(logits[0][0][token]))[:2]

    drawn = {samplers.resample(0, mask(*allowed))[0] for _ in range(40)}

    assert drawn == set(best)


def test_rows_are_kept_where_each_sequence_has_a_pass_of_its_own(logits):
    samplers = Samplers(VOCABULARY, keeps=True)
    rows = logits[0].clone()
    for sequence in (0, 1):
        samplers.put(sequence, GREEDY)
        samplers.sample([sequence], rows[:1])
        rows[0] = rows[1]

    assert samplers.resample(0, mask(4))[1].tolist() == logits[0][0].tolist()
    assert samplers.resample(1, mask(4))[1].tolist() == logits[0][1].tolist()


def test_a_token_that_was_replaced_is_not_punished(samplers):
    row = torch.zeros(1, VOCABULARY)
    row[0, 66], row[0, 68] = 5.0, 4.0
    samplers.put(0, replace(GREEDY, presence_penalty=2.0))
    samplers.sample([0], row)
    samplers.resample(0, mask(67))

    assert [samplers.sample([0], row)[0][1] for _ in range(2)] == [66, 68]


def test_a_dropped_sequence_has_nothing_of_its_sampler_left(samplers, logits):
    samplers.put(0, replace(warm(3), logit_bias=((8, 100.0),)))
    samplers.drop(0)
    samplers.drop(0)
    samplers.put(0, GREEDY)

    assert samplers.sample([0], logits[0][:1]) == [(0, int(logits[0][0].argmax()))]


def test_logits_are_left_as_they_are(samplers, logits):
    before = logits[0].clone()
    for sequence, sampling in COMPANY.items():
        samplers.put(sequence, sampling)

    samplers.sample(list(COMPANY), logits[0])
    samplers.resample(2, mask(3, 4))

    assert torch.equal(logits[0], before)
