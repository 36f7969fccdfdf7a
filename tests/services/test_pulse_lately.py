"""Who did something lately, and how long first words took."""

import pytest

from appliance.services.pulse.lately import (
    FIRST_WORDS_S,
    MOST_FIRST_WORDS,
    PEOPLE_S,
    FirstWords,
    Lately,
    percentile_ms,
)


def test_who_did_it_again_counts_once_and_longer():
    lately: Lately[str] = Lately()
    lately.note("ada", 0.0)
    lately.note("bob", 1.0)
    lately.note("ada", 2.0)
    assert set(lately.of(PEOPLE_S)) == {"ada", "bob"}
    assert set(lately.of(PEOPLE_S + 1.0)) == {"ada"}
    assert set(lately.of(PEOPLE_S + 2.0)) == set()


def test_of_too_many_those_of_longest_ago_are_forgotten():
    lately: Lately[int] = Lately(most=3)
    for who in (1, 2, 3, 1, 4):
        lately.note(who, 0.0)
    assert set(lately.of(0.0)) == {3, 1, 4}


def test_first_words_are_forgotten_after_their_window():
    words = FirstWords()
    words.note(0.5, 0.0)
    words.note(0.1, 1.0)
    assert words.of(2.0) == [0.1, 0.5]
    assert words.of(FIRST_WORDS_S) == [0.1]


def test_first_words_are_bounded():
    words = FirstWords()
    for number in range(MOST_FIRST_WORDS + 5):
        words.note(float(number), 0.0)
    assert len(words.of(0.0)) == MOST_FIRST_WORDS


@pytest.mark.parametrize(
    ("numbers", "percent", "is_ms"),
    [([], 50, None), ([0.1], 50, 100), ([0.1], 95, 100), ([0.1, 0.2], 50, 100), ([0.1, 0.2], 95, 200)],
)
def test_a_percentile_is_one_of_the_numbers(numbers, percent, is_ms):
    assert percentile_ms(numbers, percent) == is_ms


def test_five_in_a_hundred_are_above_the_95th():
    assert percentile_ms([one / 1000 for one in range(1, 101)], 95) == 95
