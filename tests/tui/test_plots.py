"""Plots fit their place, in letters that the terminal has, and leave out what nobody knows."""

import subprocess
import sys

import pytest

from tui.parts.plots import Axes, Curve, plotted
from tui.themes import DARK, TONES

PERCENT = Axes("10 min ago", unit="%")
WAVE = tuple(float(n % 17) for n in range(120))


def lines(curves, size, axes=PERCENT, *, ascii_only=False) -> list[str]:
    return plotted(curves, axes, size, TONES[DARK], ascii_only=ascii_only).plain.split("\n")


@pytest.mark.parametrize("size", [(16, 3), (30, 5), (34, 8), (70, 9), (110, 28)])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("bars", [False, True])
def test_a_plot_fits_its_place(size, ascii_only, bars):
    drawn = lines([Curve(WAVE)], size, Axes("10 min ago", unit="%", bars=bars), ascii_only=ascii_only)
    assert len(drawn) <= size[1]
    assert max(map(len, drawn)) <= size[0]
    assert not ascii_only or "\n".join(drawn).isascii()


@pytest.mark.parametrize("size", [(0, 0), (8, 10), (60, 2)])
def test_nothing_is_drawn_where_it_could_not_be_read(size):
    assert lines([Curve(WAVE)], size) == [""]


@pytest.mark.parametrize("values", [(), (None,) * 20, (None, 3.0, None), (0.0,), (1e12, 2e12)])
def test_what_nobody_knows_is_left_out(values):
    drawn = lines([Curve(values)], (60, 10))
    assert len(drawn) == 10


def test_a_curve_of_which_nothing_is_known_draws_no_dot():
    drawn = "\n".join(lines([Curve((None,) * 20)], (60, 10)))
    assert not any("\u2800" <= one <= "\u28ff" for one in drawn)
    assert any("\u2801" <= one <= "\u28ff" for one in "".join(lines([Curve((None, 3.0, 4.0))], (60, 10))))


def test_several_curves_are_told_apart_by_letters():
    drawn = "\n".join(lines([Curve(WAVE, letter="a"), Curve(WAVE[::-1], "warn", "b")], (60, 12)))
    assert "a" in drawn.replace("ago", "")
    assert "b" in drawn


def test_moments_and_units_are_written_at_the_axes():
    drawn = "\n".join(lines([Curve(WAVE)], (60, 12), Axes("10 min ago", "now", "%", 100)))
    assert "100 %" in drawn
    assert "10 min ago" in drawn
    assert "now" in drawn


def test_plotext_is_not_imported_before_something_is_drawn():
    code = "import sys, tui.app; sys.exit('plotext' in sys.modules or 'textual_plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
