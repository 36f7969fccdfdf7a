"""Every tone can be read on every background that it lies on."""

import pytest

from tui.themes import DARK, LIGHT, TONES, Tones, themes, tones_of

BACKGROUNDS = ("background", "surface", "chosen")
FOREGROUNDS = ("text", "quiet", "strong", "ok", "warn", "bad")
LEAST = 4.5
"""WCAG 2.2, success criterion 1.4.3."""


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_what_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("tone", FOREGROUNDS)
def test_a_tone_stands_out_from_a_background(theme: str, background: str, tone: str):
    tones = TONES[theme]
    assert contrast(getattr(tones, tone), getattr(tones, background)) >= LEAST


def test_both_themes_have_tones_and_textual_gets_both():
    assert {one.name for one in themes()} == set(TONES) == {DARK, LIGHT}


def test_a_theme_that_is_not_ours_is_drawn_in_dark_tones():
    assert tones_of("dracula") is TONES[DARK]


def test_a_tone_that_nobody_knows_is_plain_text():
    tones: Tones = TONES[DARK]
    assert tones.color("splendid") == tones.text
