"""Keeps what people write from turning into control tokens, without changing a character of it.

A chat template's own special tokens must be parsed, and the same texts in a message must not. So a separator,
a Unicode noncharacter that no message holds, goes into every special text inside a message; the rendered
prompt is cut at the separators and each piece is tokenized by itself, so that no special text in a message is
ever seen whole.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_NONCHARACTERS: Final = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


def choose_separator(contents: Iterable[str]) -> str | None:
    """A noncharacter in none of the contents, or None when they hold all 32."""
    used = set().union(*contents)
    return next((one for one in _NONCHARACTERS if one not in used), None)


class Shield:
    """Knows where a vocabulary's special texts stand in a message."""

    def __init__(self, special_texts: Sequence[str]) -> None:
        texts = [text for text in special_texts if len(text) > 1]
        self._occurrence = _first_characters(texts)
        self._heads = {text[:size] for text in texts for size in range(1, len(text))}
        self._tails = {text[-size:] for text in texts for size in range(1, len(text))}
        self._longest = max(map(len, texts), default=0)

    def guard(self, content: str, separator: str) -> str:
        """``content`` with separators in it; without them it is what it was."""
        if self._occurrence is None:
            return content
        guarded = self._occurrence.sub(lambda found: found[0] + separator, content)
        return self._guard_edges(guarded, separator)

    def _guard_edges(self, content: str, separator: str) -> str:
        """Also where a message and the template's text beside it would make a special text together.

        Templates often trim messages, so the edges are those of the trimmed text.
        """
        body = content.strip()
        if not body:
            return content
        before, after = content.split(body, 1)
        sizes = range(1, self._longest)
        starts = separator if any(body[:size] in self._tails for size in sizes) else ""
        ends = separator if any(body[-size:] in self._heads for size in sizes) else ""
        return before + starts + body + ends + after


def _first_characters(texts: Sequence[str]) -> re.Pattern[str] | None:
    """Matches the first character of each text; the lookahead finds occurrences that overlap."""
    if not texts:
        return None
    return re.compile(f"(?={'|'.join(map(re.escape, texts))}).", re.DOTALL)
