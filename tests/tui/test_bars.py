"""Bars are exactly as wide as they should be, show all that is there, and never say more than is true."""

from hypothesis import given
from hypothesis import strategies as st

from tui.parts.bars import bar, gauge, spark

fractions = st.lists(st.floats(0, 1.2), max_size=6)
widths = st.integers(0, 200)


def text(cells) -> str:
    return "".join(one.text for one in cells)


@given(fractions, widths, st.booleans())
def test_a_bar_is_as_wide_as_it_should_be(given_fractions, width, ascii_only):
    parts = [(one, "ok", "#x=+"[n % 4]) for n, one in enumerate(given_fractions)]
    drawn = text(bar(parts, width, ascii_only))
    assert len(drawn) == width
    assert not ascii_only or drawn.isascii()


def test_each_part_has_its_letter_and_its_tone():
    cells = bar([(0.5, "ok", "#"), (0.25, "bad", "x")], 8, ascii_only=True)
    assert [(one.text, one.tone) for one in cells] == [("####", "ok"), ("xx", "bad"), ("..", "quiet")]
    assert text(bar([(0.5, "ok", "#"), (0.25, "bad", "x")], 8)) == "████▚▚░░"


def test_a_part_that_is_there_is_seen_however_small():
    assert text(bar([(0.99, "ok", "#"), (0.0001, "bad", "x")], 10, ascii_only=True)) == "#########x"
    assert text(bar([(0.0, "ok", "#")], 3, ascii_only=True)) == "..."


@given(st.floats(0, 0.999999), st.integers(1, 200))
def test_a_gauge_is_full_only_when_it_is_done(fraction, width):
    assert text(gauge(fraction, width, ascii_only=True)).count("#") < width
    assert text(gauge(1.0, width, ascii_only=True)) == "#" * width


@given(st.lists(st.floats(0, 1e9), max_size=300), widths, st.booleans())
def test_a_curve_is_as_wide_as_it_should_be(values, width, ascii_only):
    drawn = spark(values, width, ascii_only)
    assert len(drawn) == width
    assert not ascii_only or drawn.isascii()


def test_a_curve_ends_now_and_begins_with_room_for_what_is_not_known():
    assert spark([0, 7], 4) == "  ▁█"
    assert spark([0, 0, 0], 3) == "▁▁▁"
    assert spark([0.001, 100], 2) == "▂█"


def test_more_values_than_letters_are_averaged():
    assert spark([0, 0, 8, 8], 2) == "▁█"
    assert spark([0, 8, 8, 8], 2) == "▅█"
