"""Big letters for a projector, out of half blocks or, where the terminal has none, of number signs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

_HALVES: Final = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
"""Two dots above each other."""


class Scale(Enum):
    """How a dot is drawn."""

    HALF = "half a character"
    DOUBLE = "two characters"
    PLAIN = "one number sign"


@dataclass(frozen=True, slots=True)
class Font:
    """Each letter's rows from the top, as numbers whose bits are dots; ``narrow`` letters are not ``width``
    dots wide.
    """

    width: int
    height: int
    letters: Mapping[str, Sequence[int]]
    narrow: Mapping[str, int]

    def width_of(self, letter: str) -> int:
        """In dots."""
        return self.narrow.get(letter, self.width)


def _font(width: int, drawn: Mapping[str, str], narrow: Mapping[str, int]) -> Font:
    letters = {letter: tuple(int(one) for one in rows.split()) for letter, rows in drawn.items()}
    return Font(width, len(next(iter(letters.values()))), letters, narrow)


LARGE: Final = _font(
    5,
    {
        "0": "14 17 19 21 25 17 14",
        "1": "4 12 4 4 4 4 14",
        "2": "14 17 1 2 4 8 31",
        "3": "31 2 4 2 1 17 14",
        "4": "2 6 10 18 31 2 2",
        "5": "31 16 30 1 1 17 14",
        "6": "6 8 16 30 17 17 14",
        "7": "31 1 2 4 8 8 8",
        "8": "14 17 17 14 17 17 14",
        "9": "14 17 17 15 1 2 12",
        "A": "14 17 17 31 17 17 17",
        "B": "30 17 17 30 17 17 30",
        "C": "14 17 16 16 16 17 14",
        "D": "28 18 17 17 17 18 28",
        "E": "31 16 16 30 16 16 31",
        "F": "31 16 16 30 16 16 16",
        "G": "14 17 16 23 17 17 15",
        "H": "17 17 17 31 17 17 17",
        "I": "14 4 4 4 4 4 14",
        "J": "7 2 2 2 2 18 12",
        "K": "17 18 20 24 20 18 17",
        "L": "16 16 16 16 16 16 31",
        "M": "17 27 21 21 17 17 17",
        "N": "17 17 25 21 19 17 17",
        "O": "14 17 17 17 17 17 14",
        "P": "30 17 17 30 16 16 16",
        "Q": "14 17 17 17 21 18 13",
        "R": "30 17 17 30 20 18 17",
        "S": "15 16 16 14 1 1 30",
        "T": "31 4 4 4 4 4 4",
        "U": "17 17 17 17 17 17 14",
        "V": "17 17 17 17 17 10 4",
        "W": "17 17 17 21 21 21 10",
        "X": "17 17 10 4 10 17 17",
        "Y": "17 17 17 10 4 4 4",
        "Z": "31 1 2 4 8 16 31",
        "-": "0 0 0 7 0 0 0",
        ".": "0 0 0 0 0 0 1",
        ":": "0 0 1 0 1 0 0",
    },
    {"-": 3, ".": 1, ":": 1},
)
SMALL: Final = _font(
    3,
    {
        "0": "7 5 5 5 7",
        "1": "2 6 2 2 7",
        "2": "7 1 7 4 7",
        "3": "7 1 7 1 7",
        "4": "5 5 7 1 1",
        "5": "7 4 7 1 7",
        "6": "7 4 7 5 7",
        "7": "7 1 1 1 1",
        "8": "7 5 7 5 7",
        "9": "7 5 7 1 7",
        "-": "0 0 3 0 0",
        ".": "0 0 0 0 1",
        ":": "0 1 0 1 0",
    },
    {"-": 2, ".": 1, ":": 1},
)
"""Numbers only."""


def big(text: str, font: Font, scale: Scale) -> list[str] | None:
    """The text in lines of one length; None where the font lacks a letter of it."""
    if not text or any(one not in font.letters for one in text):
        return None
    rows = [_row(text, font, number) for number in range(font.height)]
    if scale is Scale.PLAIN:
        return ["".join("#" if dot else " " for dot in row) for row in rows]
    if scale is Scale.DOUBLE:
        return ["".join("██" if dot else "  " for dot in row) for row in rows]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(top, low, strict=True))
        for top, low in zip(rows[::2], rows[1::2], strict=True)
    ]


def _row(text: str, font: Font, number: int) -> list[int]:
    """The dots of one row, a free one between letters."""
    dots: list[int] = []
    for place, letter in enumerate(text):
        width = font.width_of(letter)
        bits = font.letters[letter][number]
        dots += [0] if place else []
        dots += [bits >> (width - 1 - one) & 1 for one in range(width)]
    return dots
