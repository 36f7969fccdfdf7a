"""Whether texts are nearly equal, told from 64 bits of each.

A sketch is a one-permutation MinHash (Li, Owen, Zhang 2012) over a text's words and pairs of words: 16 bins
of four bits. The share of bins in which two sketches agree is about the share of words and pairs that the
texts have in common. From a sketch no text can be told.
"""

import re
import zlib
from array import array
from collections.abc import Sequence
from typing import Any, Final

MOST_WORDS: Final = 96
"""Half of them from the beginning, half from the end."""
LEAST_WORDS: Final = 5
"""Below that everybody says the same: "go on", "thank you"."""
MOST_CHARACTERS: Final = 2000
RING: Final = 128
"""Sketches that are kept of one holder."""
LEAST_NEIGHBORS: Final = 3
"""So many of them must be near, so that a text and its correction are not yet a template."""
LEAST_AGREEING: Final = 8
"""Of 16 bins. Two texts that have nothing in common agree in as many once in 300,000 times."""

_WORD: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
"""A word; one character where a script has no spaces."""
_BINS: Final = 16
_BITS: Final = 4
_MASK: Final = 2**64 - 1
_LOW: Final = 0x1111_1111_1111_1111
_MIX: Final = 0x9E37_79B9_7F4A_7C15
_PAIR: Final = 0xC2B2_AE3D_27D4_EB4F
_REST: Final = 2**60 - 1
_EMPTY: Final = 2**64


def words_of(text: str) -> tuple[int, ...]:
    """The words of a text as numbers, bounded. Upper and lower case are one."""
    if len(text) > MOST_CHARACTERS:
        text = f"{text[: MOST_CHARACTERS // 2]} {text[-MOST_CHARACTERS // 2 :]}"
    words = _WORD.findall(text.casefold())
    return tuple(zlib.crc32(word.encode("utf-8", "replace")) for word in _bounded(words))


def sketch(words: Sequence[int]) -> int:
    """Of at least one word, or token."""
    bins = [_EMPTY] * _BINS
    before = 0
    # Once for every word of every request: written out for speed.
    for word in _bounded(words):
        feature = word * _MIX
        mixed = ((feature ^ (feature >> 29)) * _MIX) & _MASK
        bins[mixed >> 60] = min(bins[mixed >> 60], mixed & _REST)
        if before:
            feature = (feature + before) * _PAIR
            mixed = ((feature ^ (feature >> 29)) * _MIX) & _MASK
            bins[mixed >> 60] = min(bins[mixed >> 60], mixed & _REST)
        before = word * _PAIR + 1
    return _packed(bins)


def agreeing(one: int, other: int) -> int:
    """Bins in which two sketches agree, 0 to 16."""
    differing = one ^ other
    differing |= differing >> 2
    differing |= differing >> 1
    return _BINS - (differing & _LOW).bit_count()


class Ring:
    """The last sketches of one holder."""

    __slots__ = ("_next", "_sketches")

    def __init__(self) -> None:
        self._sketches = array("Q")
        self._next = 0

    def add(self, new: int) -> bool:
        """Whether it is near to several of the others. One that is there already tells nothing new."""
        if new in self._sketches:
            return False
        near = 0
        for old in self._sketches:
            near += agreeing(new, old) >= LEAST_AGREEING
            if near == LEAST_NEIGHBORS:
                break
        if len(self._sketches) < RING:
            self._sketches.append(new)
        else:
            self._sketches[self._next] = new
        self._next = (self._next + 1) % RING
        return near >= LEAST_NEIGHBORS


def _bounded(words: Sequence[int] | Sequence[str]) -> Sequence[Any]:
    if len(words) <= MOST_WORDS:
        return words
    return [*words[: MOST_WORDS // 2], *words[-MOST_WORDS // 2 :]]


def _packed(bins: list[int]) -> int:
    """An empty bin takes what the next full one has, so that short texts can be compared too."""
    packed, lowest, steps = 0, _EMPTY, 0
    for place in range(2 * _BINS - 1, -1, -1):
        found = bins[place % _BINS]
        lowest, steps = (lowest, steps + 1) if found == _EMPTY else (found, 0)
        if place < _BINS:
            four = (((lowest + steps * _PAIR) * _MIX) & _MASK) >> 60
            packed |= four << (_BITS * (_BINS - 1 - place))
    return packed
