"""Bars and small curves out of letters: what a part is says its letter, and its color again."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tui.parts.cells import Cell

FILLS: Final = {"#": "█", "=": "▓", "+": "▒", "x": "▚", ".": "░"}
"""What stands for a letter where the terminal has more than ASCII: ``#`` is a box's own, ``x`` that of
others, ``.`` free. Other letters stand for themselves.
"""
_FREE: Final = "."
_LEVELS: Final = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS: Final = "_.-:=+*#"

Part = tuple[float, str, str]
"""A fraction of the whole, the tone that it is shown in, its letter."""


def sign(letter: str, *, ascii_only: bool) -> str:
    """How a letter is drawn: for the legend beside a bar."""
    return letter if ascii_only else FILLS.get(letter, letter)


def bar(parts: Sequence[Part], width: int, ascii_only: bool = False) -> list[Cell]:
    """One cell a part, ``width`` characters in all; what the parts leave is free. A part that is there at
    all has a character, as long as there is room for it.
    """
    if width <= 0:
        return []
    taken = _shares([max(0.0, one[0]) for one in parts], width)
    cells = [
        Cell(sign(letter, ascii_only=ascii_only) * count, tone)
        for (_, tone, letter), count in zip(parts, taken, strict=True)
        if count
    ]
    free = width - sum(taken)
    return [*cells, Cell(sign(_FREE, ascii_only=ascii_only) * free, "quiet")] if free else cells


def _shares(fractions: Sequence[float], width: int) -> list[int]:
    """Whole characters for each, never more than ``width`` in all: rounded, the largest gives way."""
    counts = [max(1, round(one * width)) if one > 0 else 0 for one in fractions]
    while sum(counts) > width:
        counts[counts.index(max(counts))] -= 1
    return counts


def gauge(fraction: float, width: int, ascii_only: bool = False, tone: str = "ok") -> list[Cell]:
    """How far something is: full only where it is done, so that it never says more than is true."""
    bounded = min(1.0, max(0.0, fraction))
    full = width if bounded >= 1 else min(width - 1, int(bounded * width))
    filled, free = sign("#", ascii_only=ascii_only), sign(_FREE, ascii_only=ascii_only)
    return [
        Cell(text, shade) for text, shade in ((filled * full, tone), (free * (width - full), "quiet")) if text
    ]


def spark(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """A curve from 0 to the greatest value in ``width`` characters, the newest at the right. More values
    than characters are averaged; fewer begin with spaces.
    """
    if width <= 0:
        return ""
    shown = _averaged(values, width)
    levels = _PLAIN_LEVELS if ascii_only else _LEVELS
    top = max(shown, default=0.0)
    letters = "".join(levels[_level(one, top, len(levels))] for one in shown)
    return letters.rjust(width)


def _level(value: float, top: float, levels: int) -> int:
    """The lowest is for nothing alone."""
    if value <= 0 or top <= 0:
        return 0
    return max(1, min(levels - 1, round(value / top * (levels - 1))))


def _averaged(values: Sequence[float], width: int) -> list[float]:
    if len(values) <= width:
        return list(values)
    edges = [number * len(values) // width for number in range(width + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
