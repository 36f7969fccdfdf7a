"""The draw of a token out of logits, by itself."""

from dataclasses import replace
from math import exp, inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.generation import Sampling
from appliance.engines.logits.drawing import TOP_K_LIMIT, candidates_wanted, draw

PLAIN = Sampling(temperature=1.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)
DICE = [0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1 - 2**-53]

LOGITS = st.lists(
    st.floats(-20, 20, width=32) | st.sampled_from([0.0, -0.0, 1.0, -inf]), min_size=1, max_size=40
)
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.floats(0.05, 5),
    top_p=st.floats(0, 1),
    top_k=st.integers(0, 50),
    min_p=st.floats(0, 1),
    seed=st.just(0),
)


def rows(*lists):
    return [np.array(one, np.float32) for one in lists]


def tokens_of(row):
    return np.arange(len(row))


def draw_one(row, sampling, number):
    return draw([tokens_of(row)], rows(row), [sampling], [number])[0]


def step_by_step(row, sampling) -> dict[int, float]:
    """Weights of what may be drawn, in the order of llama.cpp's samplers, one token after another."""
    order = sorted(range(len(row)), key=lambda token: (-row[token], token))[: candidates_wanted(sampling)]
    best = row[order[0]]
    if best == -inf:
        return {order[0]: 1.0}
    shares = {token: exp(row[token] - best) for token in order}
    whole, reached, kept = sum(shares.values()), 0.0, []
    for token in order:
        if kept and (
            shares[token] < sampling.min_p or (sampling.top_p < 1 and reached >= sampling.top_p * whole)
        ):
            break
        kept.append(token)
        reached += shares[token]
    return {token: exp((row[token] - best) / sampling.temperature) for token in kept}


@given(LOGITS, SAMPLINGS, st.floats(0, 1, exclude_max=True))
def test_a_draw_goes_through_the_steps_one_after_another(row, sampling, number):
    row = [float(one) for one in np.array(row, np.float32)]
    weights = step_by_step(row, sampling)

    drawn = draw_one(row, sampling, number)

    order, whole, reached = list(weights), sum(weights.values()), 0.0
    begins = {}
    for token in order:
        begins[token] = reached / whole
        reached += weights[token]
    if drawn in weights:
        assert begins[drawn] - 1e-9 <= number <= begins[drawn] + weights[drawn] / whole + 1e-9
    else:
        # Only where a sum hits the bound of top_p but for the rounding.
        near = replace(sampling, top_p=min(1.0, sampling.top_p * (1 + 1e-9)))
        assert drawn in step_by_step(row, near)


@given(st.lists(st.tuples(LOGITS, SAMPLINGS, st.floats(0, 1, exclude_max=True)), min_size=2, max_size=6))
def test_company_changes_no_draw(places):
    lists, samplings, numbers = zip(*places, strict=True)

    together = draw([tokens_of(one) for one in lists], rows(*lists), samplings, numbers)

    assert together == [draw_one(*place) for place in places]


@given(LOGITS, SAMPLINGS, st.floats(0, 1, exclude_max=True), st.randoms(use_true_random=False))
def test_candidates_may_stand_in_any_order_and_have_any_number(row, sampling, number, order):
    places = list(range(len(row)))
    order.shuffle(places)
    numbers = np.array(places) * 7 + 3
    values = np.array(row, np.float32)[places]

    drawn = draw([numbers], [values], [sampling], [number])

    assert drawn == [draw_one(row, sampling, number) * 7 + 3]


@given(LOGITS, SAMPLINGS)
def test_what_is_impossible_is_not_drawn_while_something_is_possible(row, sampling):
    drawn = {draw_one(row, sampling, number) for number in DICE}

    assert max(row) == -inf or all(row[token] > -inf for token in drawn)


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_top_k_leaves_so_many(top_k):
    drawn = {draw_one([1, 3, 2, 0], replace(PLAIN, top_k=top_k), number) for number in DICE}

    assert drawn == {1, 2, 0, 3} & set([1, 2, 0][:top_k])


def test_without_top_k_there_are_1024():
    row = [0.0] * 2000

    drawn = {draw_one(row, PLAIN, number / 4000) for number in range(4000)}

    assert drawn == set(range(TOP_K_LIMIT))
    assert candidates_wanted(replace(PLAIN, top_k=5000)) == 1024


def test_of_equally_probable_ones_the_lowest_number_is_in():
    assert {draw_one([0, 2, 1, 2, 2], replace(PLAIN, top_k=2), number) for number in DICE} == {1, 3}
    assert {draw_one([-0.0, 0.0], replace(PLAIN, top_k=1), number) for number in DICE} == {0}


def test_top_p_keeps_what_reaches_it_and_no_more():
    # Probabilities 0.5, 0.25, 0.125, 0.125.
    row = np.log([0.125, 0.5, 0.125, 0.25]).tolist()

    def kept(top_p):
        return {draw_one(row, replace(PLAIN, top_p=top_p), number) for number in DICE}

    assert [kept(one) for one in (0.0, 0.49, 0.6, 0.76, 1.0)] == [
        {1},
        {1},
        {1, 3},
        {1, 3, 0},
        {0, 1, 2, 3},
    ]


def test_a_sum_that_is_top_p_to_the_last_bit_is_enough():
    assert {draw_one([0.0, 0.0], replace(PLAIN, top_p=0.5), number) for number in DICE} == {0}


def test_min_p_is_a_share_of_the_most_probable():
    row = np.log([0.125, 0.5, 0.125, 0.25]).tolist()

    def kept(min_p):
        return {draw_one(row, replace(PLAIN, min_p=min_p), number) for number in DICE}

    assert [kept(one) for one in (1.0, 0.51, 0.49, 0.26, 0.24)] == [
        {1},
        {1},
        {1, 3},
        {1, 3},
        {0, 1, 2, 3},
    ]


def test_a_share_of_min_p_to_the_last_bit_is_enough():
    assert {draw_one([0.0, 0.0, -1.0], replace(PLAIN, min_p=1.0), number) for number in DICE} == {0, 1}


def test_temperature_comes_after_what_decides_who_stays():
    row = np.log([0.6, 0.3, 0.1]).tolist()
    hot = replace(PLAIN, temperature=100.0, top_p=0.65)

    assert {draw_one(row, hot, number) for number in DICE} == {0, 1}
    assert draw_one(row, replace(PLAIN, temperature=1e-30), DICE[-1]) == 0


def test_a_hot_draw_reaches_what_is_all_but_impossible():
    assert draw_one([0.0, -60.0], replace(PLAIN, temperature=100.0), 0.99) == 1


@pytest.mark.parametrize("broken", [[nan, 1.0], [inf, 1.0], [-inf, -inf], [nan, nan]])
def test_a_row_that_is_no_distribution_disturbs_nobody_beside_it(broken):
    sound = [0.0, 5.0, 1.0]
    expected = draw_one(sound, PLAIN, 0.5)

    first, second = draw([tokens_of(broken), tokens_of(sound)], rows(broken, sound), [PLAIN] * 2, [0.5] * 2)

    assert first in (0, 1)
    assert second == expected


def test_dice_on_the_very_edge_give_something_that_exists():
    lists = [[0.0, -1.0], [0.0] * 30, [0.0, -2000.0]]

    drawn = draw([tokens_of(one) for one in lists], rows(*lists), [PLAIN] * 3, [1.0] * 3)

    assert drawn == [1, 29, 0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_are_those_of_the_softmax(temperature):
    row = [0.0, 1.0, -1.0, 2.0, 0.5, -0.5]
    weights = np.exp(np.array(row) / temperature)
    draws = 6000
    dice = np.random.Generator(np.random.PCG64(7)).random(draws).tolist()
    sampling = replace(PLAIN, temperature=temperature)

    drawn = draw([tokens_of(row)] * draws, rows(row) * draws, [sampling] * draws, dice)

    expected = draws * weights / weights.sum()
    chi_squared = ((np.bincount(drawn, minlength=6) - expected) ** 2 / expected).sum()
    # With 5 degrees of freedom 1 in 1000 is above; the dice are fixed, so it is the same at every run.
    assert chi_squared < 20.5
