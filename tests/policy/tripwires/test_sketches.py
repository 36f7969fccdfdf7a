"""Sketches tell templates from texts that only sound alike."""

import random

from hypothesis import given
from hypothesis import strategies as st

from appliance.policy.tripwires.distinct import MOST_FEW, Few, Many
from appliance.policy.tripwires.sketches import (
    LEAST_AGREEING,
    MOST_WORDS,
    RING,
    Ring,
    agreeing,
    sketch,
    words_of,
)

SLOTS = ("Muslims", "Christians", "Jews", "Hindus", "Buddhists", "Sikhs", "atheists", "nurses", "lawyers")
QUESTIONS = (
    "Why does my loop never end when the list is empty?",
    "Explain the difference between a mean and a median to a ten year old.",
    "What is the derivative of x squared times the sine of x?",
    "Translate this paragraph into French, please, and keep it formal.",
    "Which sources should I read about the fall of the Roman republic?",
    "My code prints None, what have I done wrong in this function?",
    "Give me three ideas for a talk about coral reefs and warm water.",
    "How do I cite a web page without an author in this style?",
)


def near(one: str, other: str) -> bool:
    return agreeing(sketch(words_of(one)), sketch(words_of(other))) >= LEAST_AGREEING


def test_most_fillings_of_one_template_are_near_to_several_others():
    ring = Ring()
    texts = [f"Two {slot} walked into a" for slot in SLOTS]
    assert sum(ring.add(sketch(words_of(one))) for one in texts) >= 4
    longer = Ring()
    texts = [
        f"Write one sentence about what two {slot} talk about when they walk into a shop" for slot in SLOTS
    ]
    assert sum(longer.add(sketch(words_of(one))) for one in texts) >= len(texts) - 3


def test_questions_of_different_people_are_not_near():
    pairs = [(one, other) for one in QUESTIONS for other in QUESTIONS if one < other]
    assert not any(near(*pair) for pair in pairs)


@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=300))
def test_a_sketch_has_64_bits_and_is_that_of_the_same_words(words):
    assert 0 <= sketch(words) < 2**64
    assert agreeing(sketch(words), sketch(tuple(words))) == 16


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_agreeing_counts_equal_groups_of_four_bits(one, other):
    groups = [(one >> shift & 15) == (other >> shift & 15) for shift in range(0, 64, 4)]
    assert agreeing(one, other) == sum(groups)


def test_words_are_bounded_and_know_scripts_without_spaces():
    assert len(words_of("word " * 10_000)) == MOST_WORDS
    assert len(words_of("模型は本を読む")) == 7
    assert words_of("Upper CASE") == words_of("upper case")
    assert words_of("\ud800 lone") == words_of("\ud801 lone") or words_of("lone")[0] in words_of(
        "\ud800 lone"
    )


def test_a_ring_forgets_the_oldest():
    ring = Ring()
    random_bits = random.Random(1)
    first = random_bits.getrandbits(64)
    ring.add(first)
    for _ in range(RING):
        ring.add(random_bits.getrandbits(64))
    assert len(ring._sketches) == RING
    assert first not in ring._sketches


def test_many_is_right_to_some_percent_and_begins_anew_each_day():
    many, random_bits = Many(), random.Random(2)
    for _ in range(2000):
        count = many.add(random_bits.getrandbits(64), 0)
    assert 1900 < count < 2100
    assert many.add(1, 86_400_000) == 1
    for _ in range(200_000):
        count = many.add(random_bits.getrandbits(64), 86_400_000)
    assert count == 34_070


def test_few_stops_counting_where_it_does_not_tell_apart_any_more():
    few = Few()
    assert [few.add(one, 0) for one in (1, 1, 2)] == [1, 1, 2]
    for one in range(1000):
        count = few.add(one, 0)
    assert count == MOST_FEW
