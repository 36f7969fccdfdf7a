"""How long something lasts, in one unit, and in which tone."""

import pytest

from tui.parts.spans import age, left, tone_of_end

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 1_000 * DAY


@pytest.mark.parametrize(
    ("until", "words", "tone"),
    [
        (NOW + 27 * DAY + HOUR, "27 d left", "ok"),
        (NOW + 7 * DAY, "7 d left", "ok"),
        (NOW + 6 * DAY, "6 d left", "warn"),
        (NOW + 30 * HOUR, "30 h left", "warn"),
        (NOW + 59 * MINUTE, "59 min left", "warn"),
        (NOW, "0 s left", "warn"),
        (NOW - 3 * DAY, "ended 3 d ago", "bad"),
    ],
)
def test_what_ends_says_when_in_one_unit(until, words, tone):
    assert left(until, NOW) == words
    assert tone_of_end(until, NOW) == tone


@pytest.mark.parametrize(
    ("since", "words"),
    [(None, "never"), (NOW - 12 * MINUTE, "12 min ago"), (NOW - 26 * HOUR, "26 h ago"), (NOW + 5, "0 s ago")],
)
def test_what_was_says_how_long_ago(since, words):
    assert age(since, NOW) == words
