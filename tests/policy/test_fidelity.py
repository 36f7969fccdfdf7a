"""Measures of faithfulness come from log-probabilities alone, and passages are the text again."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.recipe import MemoryFacts, RecipeFile, RecipeForm
from appliance.policy.fidelity import Scores, by_fullness, distance, halves, measures_of, passages

LOGPROBS = st.lists(st.floats(-1e4, 0), min_size=1, max_size=40)


def scores(*logprobs: float, best: tuple[int, ...] | None = None) -> Scores:
    tokens = tuple(range(len(logprobs) + 1))
    return Scores((tokens,), logprobs, best or tokens[1:])


def test_perplexity_is_e_to_the_mean_negative_log_likelihood():
    found = measures_of(scores(math.log(0.5), math.log(0.125)))
    assert found.tokens == 2
    assert found.nll == pytest.approx(2 * math.log(2))
    assert found.perplexity == pytest.approx(4)


def test_differences_are_told_in_the_mean_and_at_their_largest():
    found = distance(scores(-1.0, -2.0, -3.0, best=(1, 2, 9)), scores(-1.5, -2.0, -1.0, best=(1, 2, 3)))
    assert found.nll_difference == pytest.approx(0.5)
    assert found.mean_difference == pytest.approx(2.5 / 3)
    assert found.largest_difference == 2
    assert found.agreement == pytest.approx(2 / 3)


@given(LOGPROBS, st.data())
def test_no_reading_is_further_from_another_than_its_worst_token(logprobs, data):
    others = data.draw(st.lists(st.floats(-1e4, 0), min_size=len(logprobs), max_size=len(logprobs)))
    one, other = scores(*logprobs), scores(*others)
    there, back = distance(one, other), distance(other, one)
    assert abs(there.nll_difference) <= there.mean_difference * (1 + 1e-9) + 1e-9
    assert there.mean_difference <= there.largest_difference * (1 + 1e-9)
    assert (there.mean_difference, there.agreement) == (back.mean_difference, back.agreement)
    apart = measures_of(one).nll - measures_of(other).nll
    assert there.nll_difference == pytest.approx(apart, abs=1e-6)


@given(LOGPROBS)
def test_a_reading_is_no_way_from_itself_and_has_finite_measures(logprobs):
    one = scores(*logprobs)
    found = distance(one, one)
    assert (found.nll_difference, found.agreement, found.largest_difference) == (0, 1, 0)
    assert math.isfinite(measures_of(one).perplexity)


def test_readings_of_other_tokens_are_not_compared():
    with pytest.raises(ValueError, match="other tokens"):
        distance(scores(-1.0), Scores(((5, 6),), (-1.0,), (6,)))


def test_nothing_has_no_measure():
    with pytest.raises(ValueError, match="nothing"):
        measures_of(Scores(((1,),), (), ()))


@given(st.text(max_size=300), st.integers(1, 60))
def test_passages_are_the_text_again_and_no_longer_than_they_may_be(text, most):
    found = list(passages(text, most))
    assert "".join(found) == text.lstrip()
    assert all(len(one.encode()) <= most or len(one.split()) == 1 for one in found)


def test_passages_end_with_paragraphs_where_these_are_short_enough():
    assert list(passages("one two.\n\nthree four.\n\nfive", 24)) == ["one two.\n\nthree four.\n\n", "five"]
    assert list(passages("one two three\n\nfour", 9)) == ["one two ", "three\n\n", "four"]


@given(st.text(max_size=100))
def test_halves_are_the_passage_again_and_both_hold_a_word(text):
    found = halves(text)
    if found is None:
        assert len(text.split()) <= 1
    else:
        assert "".join(found) == text.lstrip()
        assert all(half.split() for half in found)


def form(name: str, size_bytes: int, precision: str = "", parameters: int = 0) -> RecipeForm:
    facts = MemoryFacts(size_bytes, 1, 1, 1, 1, parameters) if parameters else None
    engine = "torch" if precision else "llama_cpp"
    return RecipeForm(name, engine, (RecipeFile("w", size_bytes, "a" * 64),), facts, precision)


def test_the_fullest_precision_is_the_reference_whatever_its_engine():
    q8, f16 = form("q8", 1_080, parameters=1_000), form("f16", 2_020, parameters=1_000)
    torch = [form(one, 2_000, one, 1_000) for one in ("nf4", "int8", "bfloat16", "float32")]
    found = [one.name for one in by_fullness([q8, *torch, f16])]
    assert found == ["float32", "f16", "bfloat16", "q8", "int8", "nf4"]


def test_without_a_number_of_parameters_the_larger_file_is_the_fuller_one():
    assert [one.name for one in by_fullness([form("q4", 5), form("q8", 9)])] == ["q8", "q4"]
