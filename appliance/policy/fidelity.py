"""What a form of a model costs in faithfulness: from log-probabilities to measures. Pure.

A text is read in passages, each alone, so that no score depends on what stands in another one. Scored is
every token but the first of its passage, which has nothing before it.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.fidelity import FidelityDistance, FidelityMeasures
from appliance.domain.recipe import Precision, RecipeForm

_BITS: Final[dict[Precision, float]] = {
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "int8": 8,
    "nf4": 4,
}
_MOST_NATS: Final = 700.0
"""e to the power of more than this is no float any more."""
_WORD: Final = re.compile(r"\S+\s*")
_PARAGRAPH_ENDS: Final = re.compile(r"(?<=\n\n)(?!\n)")


@dataclass(frozen=True, slots=True)
class Scores:
    """One form's reading of a text. ``passages`` are the tokens it read; ``logprobs`` and ``best`` have an
    entry for every scored token, in order: its natural log-probability, and the token most probable in its
    place.
    """

    passages: tuple[tuple[int, ...], ...]
    logprobs: tuple[float, ...]
    best: tuple[int, ...]


def measures_of(scores: Scores) -> FidelityMeasures:
    """Raises ``ValueError`` where nothing was scored."""
    nll = -math.fsum(scores.logprobs) / _count(scores)
    return FidelityMeasures(len(scores.logprobs), nll, math.exp(min(nll, _MOST_NATS)))


def distance(scores: Scores, reference: Scores) -> FidelityDistance:
    """How far ``scores`` is from ``reference``. Raises ``ValueError`` for readings of other tokens."""
    if scores.passages != reference.passages or len(scores.logprobs) != len(reference.logprobs):
        raise ValueError("readings of other tokens cannot be compared")
    count = _count(scores)
    apart = [one - other for one, other in zip(scores.logprobs, reference.logprobs, strict=True)]
    same = sum(one == other for one, other in zip(scores.best, reference.best, strict=True))
    return FidelityDistance(
        nll_difference=0.0 - math.fsum(apart) / count,
        agreement=same / count,
        mean_difference=math.fsum(map(abs, apart)) / count,
        largest_difference=max(map(abs, apart)),
    )


def by_fullness(forms: Sequence[RecipeForm]) -> list[RecipeForm]:
    """The forms with the fullest precision first, the reference; those alike as in the recipe."""
    parameters = max((form.memory.parameters for form in forms if form.memory), default=0)
    return sorted(forms, key=lambda form: -_bits(form, parameters))


def passages(text: str, most_bytes: int) -> Iterator[str]:
    """The text in pieces of at most so many bytes of UTF-8, cut between paragraphs, or between words where
    one of them is longer; a longer word stays whole. Joined they are the text again, but for white space at
    its end.
    """
    piece = ""
    for unit in _units(text, most_bytes):
        if piece and _size_bytes(piece + unit) > most_bytes:
            yield piece
            piece = ""
        piece += unit
    if piece:
        yield piece


def halves(passage: str) -> tuple[str, str] | None:
    """The passage cut between two words near its middle; None for a single word."""
    words = _WORD.findall(passage)
    middle = len(words) // 2
    return ("".join(words[:middle]), "".join(words[middle:])) if middle else None


def _units(text: str, most_bytes: int) -> Iterator[str]:
    for paragraph in _PARAGRAPH_ENDS.split(text.lstrip()):
        if _size_bytes(paragraph) <= most_bytes:
            yield paragraph
        else:
            yield from _WORD.findall(paragraph)


def _size_bytes(text: str) -> int:
    return len(text.encode())


def _bits(form: RecipeForm, parameters: int) -> float:
    """Of a weight, in the mean: what the engine makes of it where that is said, else what its files hold."""
    if form.precision:
        return _BITS[form.precision]
    return 8 * sum(file.size_bytes for file in form.files) / max(1, parameters)


def _count(scores: Scores) -> int:
    if not scores.logprobs:
        raise ValueError("nothing was scored")
    return len(scores.logprobs)
