"""A byte-level BPE vocabulary of any size, learnt from the handbook and filled up with made-up words.

Text comes to about a token in four characters. The made-up words are in no merge: no text tokenizes to them,
but a model that draws them writes something that looks like words.
"""

import heapq
import itertools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from make_tiny_gguf import CONTROL_TEXTS, byte_symbols

HANDBOOK = Path(__file__).parents[2] / "appliance" / "handbook"
MOST_MERGES = 6000
_PIECE = re.compile(r" ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+")
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"

Pair = tuple[str, str]


class _Ranked(tuple[int, Pair]):
    """How often a pair is there; the most frequent is the least, as ``heapq`` takes the least first."""

    __slots__ = ()
    __lt__ = tuple.__gt__


@dataclass(frozen=True, slots=True)
class BytePairs:
    """Tokens in the order of their ids: control tokens, bytes, merged pairs, made-up words."""

    tokens: list[str]
    merges: list[Pair]


def make_vocabulary(size: int) -> BytePairs:
    """Exactly ``size`` tokens, control tokens first. The same handbook gives the same vocabulary."""
    symbols = byte_symbols()
    known = [*CONTROL_TEXTS, *symbols]
    text = "".join(page.read_text(encoding="utf-8") for page in sorted(HANDBOOK.glob("*.md")))
    merges = _learn(text, symbols, min(MOST_MERGES, size - len(known)))
    known += dict.fromkeys(left + right for left, right in merges)
    taken = set(known)
    words = (word for word in _words() if word not in taken)
    return BytePairs([*known, *itertools.islice(words, size - len(known))], merges)


def _learn(text: str, symbols: list[str], count: int) -> list[Pair]:
    """The ``count`` most frequent pairs, each joined before the next is looked for (Sennrich et al. 2016)."""
    pieces = Counter(_PIECE.findall(text))
    words = [[symbols[byte] for byte in piece.encode()] for piece in pieces]
    times = list(pieces.values())
    totals: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for number, word in enumerate(words):
        for pair in itertools.pairwise(word):
            totals[pair] += times[number]
            where[pair].add(number)
    ranking = [_Ranked((total, pair)) for pair, total in totals.items()]
    heapq.heapify(ranking)
    merges: list[Pair] = []
    while ranking and len(merges) < count:
        total, best = heapq.heappop(ranking)
        if totals[best] != total:
            continue  # counted anew since, and in the ranking with that
        if total < 2:
            break
        merges.append(best)
        counted: set[Pair] = set()
        for number in where.pop(best):
            for pair in itertools.pairwise(words[number]):
                totals[pair] -= times[number]
                counted.add(pair)
            words[number] = _joined(words[number], best)
            for pair in itertools.pairwise(words[number]):
                totals[pair] += times[number]
                where[pair].add(number)
                counted.add(pair)
        del totals[best]
        for pair in counted - {best}:
            heapq.heappush(ranking, _Ranked((totals[pair], pair)))
    return merges


def _joined(word: list[str], pair: Pair) -> list[str]:
    result: list[str] = []
    for symbol in word:
        if result and (result[-1], symbol) == pair:
            result[-1] += symbol
        else:
            result.append(symbol)
    return result


def _words():
    """``Ġba``, ``Ġbe`` … ``Ġbaba`` …: a space and syllables, without end."""
    syllables = ["".join(pair) for pair in itertools.product(_CONSONANTS, _VOWELS)]
    for length in itertools.count(1):
        for word in itertools.product(syllables, repeat=length):
            yield "Ġ" + "".join(word)
