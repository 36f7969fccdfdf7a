"""Cells and lines show what anybody wrote as text, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.hostile import HOSTILE
from tui.parts.cells import Cell, short_number, state
from tui.parts.lines import drawn
from tui.parts.soles import fitting
from tui.themes import DARK, TONES


def test_hostile_text_becomes_one_line_without_commands_to_the_terminal():
    for text in HOSTILE:
        plain = Cell(text).drawn(TONES[DARK]).plain
        assert "\x1b" not in plain
        assert "\n" not in plain
        assert "\u202e" not in plain


@given(st.text())
def test_any_pieces_can_be_drawn(text: str):
    assert "\x1b" not in drawn([["before ", Cell(text, "bad"), " after"]], TONES[DARK]).plain


def test_brackets_stay_what_they_are():
    assert drawn([[Cell("[/foo][@click=app.quit]x")]], TONES[DARK]).plain == "[/foo][@click=app.quit]x"


def test_a_state_is_a_word_with_a_sign():
    assert state("ready").text == "● READY"
    assert state("loading", "62 %", ascii_only=True).text == "~ LOADING 62 %"
    assert state("failed").tone == "bad"
    assert state("something").text == "○ SOMETHING"


def test_numbers_are_short():
    assert [short_number(one) for one in (0, 3.24, 12, 1234, 45_678, 2_500_000)] == [
        *("0", "3.2", "12", "1.2k", "46k", "2.5M")
    ]


def test_help_is_the_last_key_to_be_left_out():
    keys = [("?", "help"), (":", "command"), ("x", "stop the model")]
    assert [one.text for one in fitting(keys, 8) if isinstance(one, Cell)] == ["?"]
    assert [one.text for one in fitting(keys, 60) if isinstance(one, Cell)] == ["?", ":", "x"]
