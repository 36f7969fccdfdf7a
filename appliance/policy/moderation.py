"""What a guard model's answer means, in the categories of OpenAI's moderation endpoint. Pure.

A guard writes a word first, ``safe`` or ``unsafe``, then its own categories. How sure it is, the first word's
probability says. Categories of a guard that OpenAI has no word for are told by their own names.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.generation import TokenLogprob
from appliance.domain.recipe import Guard

CATEGORIES: Final = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/intent", "self-harm/instructions"),
    *("sexual", "sexual/minors", "violence", "violence/graphic"),
)
MOST_TOKENS: Final = 48
"""Of a guard's answer."""
TOP_LOGPROBS: Final = 5

_LLAMA: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "S1": ("violent crimes", ("violence", "illicit/violent")),
    "S2": ("non-violent crimes", ("illicit",)),
    "S3": ("sex-related crimes", ("sexual", "illicit/violent")),
    "S4": ("child sexual exploitation", ("sexual/minors", "sexual")),
    "S5": ("defamation", ("harassment",)),
    "S6": ("specialized advice", ()),
    "S7": ("privacy", ()),
    "S8": ("intellectual property", ()),
    "S9": ("indiscriminate weapons", ("illicit/violent", "violence")),
    "S10": ("hate", ("hate",)),
    "S11": ("suicide and self-harm", ("self-harm",)),
    "S12": ("sexual content", ("sexual",)),
    "S13": ("elections", ()),
    "S14": ("code interpreter abuse", ("illicit",)),
}
_QWEN: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "violent": ("violent", ("violence",)),
    "non-violent illegal acts": ("non-violent illegal acts", ("illicit",)),
    "sexual content or sexual acts": ("sexual content or sexual acts", ("sexual",)),
    "pii": ("personal data", ()),
    "personally identifiable information": ("personal data", ()),
    "suicide & self-harm": ("suicide and self-harm", ("self-harm",)),
    "unethical acts": ("unethical acts", ()),
    "politically sensitive topics": ("politically sensitive topics", ()),
    "copyright violation": ("copyright violation", ()),
    "jailbreak": ("jailbreak", ()),
}
_WORDS: Final = ("safe", "unsafe", "controversial")
_LLAMA_ANSWER: Final = re.compile(r"\s*(safe|unsafe)\b[ \t]*\n?\s*((?:S[0-9]{1,2}[,\s]*)*)", re.IGNORECASE)
_QWEN_ANSWER: Final = re.compile(
    r"\s*Safety:\s*(safe|unsafe|controversial)\b(?:\s*Categories:[ \t]*([^\n]{0,300}))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``categories`` are of OpenAI's, ``own`` the guard's in its words; ``score`` is how probable it found
    ``unsafe``, 0 to 1.
    """

    flagged: bool
    score: float
    categories: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


def verdict(guard: Guard, answer: str, tokens: Sequence[TokenLogprob]) -> Verdict | None:
    """What a guard said, whose answer began with these tokens. None where it said something else."""
    found = (_LLAMA_ANSWER if guard == "llama-guard-3" else _QWEN_ANSWER).match(answer)
    if found is None:
        return None
    flagged = found[1].lower() == "unsafe"
    named = list(_named(guard, found[2] or ""))
    categories = {one for _, ours in named for one in ours} if flagged else set()
    return Verdict(
        flagged=flagged,
        score=_unsafe_probability(tokens, flagged=flagged),
        categories=tuple(one for one in CATEGORIES if one in categories),
        own=tuple(name for name, _ in named),
    )


def _named(guard: Guard, written: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    table = _LLAMA if guard == "llama-guard-3" else _QWEN
    for part in re.split(r"[,\s]+" if guard == "llama-guard-3" else r"\s*,\s*", written.strip()):
        found = table.get(part.upper()) or table.get(part.lower().rstrip("."))
        if found is not None:
            yield found


def _unsafe_probability(tokens: Sequence[TokenLogprob], *, flagged: bool) -> float:
    """Of the token that begins the first word of a verdict; 0 or 1 where none was told."""
    place = next((one for one in tokens if _begins(one.piece, _WORDS)), None)
    if place is None:
        return float(flagged)
    others = {one.token: (one.piece, one.logprob) for one in place.top}
    others[place.token] = (place.piece, place.logprob if place.logprob is not None else -math.inf)
    told = sum(math.exp(logprob) for piece, logprob in others.values() if _begins(piece, ("unsafe",)))
    return min(1.0, told)


def _begins(piece: bytes, words: tuple[str, ...]) -> bool:
    text = piece.decode("utf-8", "replace").strip().lower()
    return bool(text) and any(word.startswith(text) for word in words)
