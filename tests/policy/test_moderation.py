"""A guard's answer in OpenAI's categories, and how sure it was."""

import math

import pytest

from appliance.domain.generation import Alternative, TokenLogprob
from appliance.policy.moderation import _LLAMA, _QWEN, CATEGORIES, verdict


def said(piece: str, probability: float, **others: float) -> TokenLogprob:
    top = tuple(
        Alternative(place, one.encode(), math.log(chance))
        for place, (one, chance) in enumerate({piece: probability, **others}.items())
    )
    return TokenLogprob(0, piece.encode(), math.log(probability), top)


@pytest.mark.parametrize(
    ("guard", "answer", "flagged", "categories", "own"),
    [
        ("llama-guard-3", "safe", False, (), ()),
        ("llama-guard-3", "\n\nsafe", False, (), ()),
        ("llama-guard-3", "\n\nunsafe\nS2", True, ("illicit",), ("non-violent crimes",)),
        (
            *("llama-guard-3", "unsafe\nS1,S10", True),
            *(("hate", "illicit/violent", "violence"), ("violent crimes", "hate")),
        ),
        ("llama-guard-3", "unsafe\nS13", True, (), ("elections",)),
        ("llama-guard-3", "unsafe\nS99", True, (), ()),
        ("llama-guard-3", "unsafe", True, (), ()),
        ("qwen3guard", "Safety: Safe\nCategories: None", False, (), ()),
        ("qwen3guard", "Safety: Unsafe\nCategories: Violent", True, ("violence",), ("violent",)),
        (
            *("qwen3guard", "Safety: Unsafe\nCategories: Suicide & Self-Harm, PII", True),
            *(("self-harm",), ("suicide and self-harm", "personal data")),
        ),
        (
            *("qwen3guard", "Safety: Controversial\nCategories: Politically Sensitive Topics", False),
            *((), ("politically sensitive topics",)),
        ),
    ],
)
def test_an_answer_is_read(guard, answer, flagged, categories, own):
    found = verdict(guard, answer, ())
    assert (found.flagged, found.categories, found.own) == (flagged, categories, own)
    assert found.score == float(flagged)


@pytest.mark.parametrize(
    ("guard", "answer"),
    [
        ("llama-guard-3", ""),
        ("llama-guard-3", "I cannot help with that."),
        ("llama-guard-3", "unsafely done"),
        ("llama-guard-3", "Safety: Safe"),
        ("qwen3guard", "unsafe\nS2"),
        ("qwen3guard", "Safety: Maybe"),
    ],
)
def test_anything_else_is_no_verdict(guard, answer):
    assert verdict(guard, answer, ()) is None


def test_the_score_is_the_probability_of_the_first_word():
    tokens = [said("\n\n", 1.0), said("unsafe", 0.75, safe=0.25), said("\n", 1.0)]
    assert verdict("llama-guard-3", "\n\nunsafe\nS2", tokens).score == pytest.approx(0.75)
    tokens = [said("safe", 0.9, unsafe=0.1)]
    assert verdict("llama-guard-3", "safe", tokens).score == pytest.approx(0.1)
    tokens = [said("Safety", 1.0), said(":", 1.0), said(" Safe", 0.6, **{" Unsafe": 0.3, " Cont": 0.1})]
    assert verdict("qwen3guard", "Safety: Safe\nCategories: None", tokens).score == pytest.approx(0.3)
    tokens = [said("safe", 1.0)]
    assert verdict("llama-guard-3", "safe", tokens).score == 0.0


def test_every_category_that_is_told_is_one_of_openais():
    told = {one for table in (_LLAMA, _QWEN) for _, ours in table.values() for one in ours}
    assert told <= set(CATEGORIES)
    assert len(_LLAMA) == 14
