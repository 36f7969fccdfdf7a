"""Our own count of what a host sends: exact with the model's tokenizer, else a guess between two bounds."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.prompts import PreparedPrompt, TextPrompt
from appliance.errors import CarrelError
from appliance.upstreams.guessing import MOST_BYTES, TokenCount, guess_text


class Vocabulary(Protocol):
    """The preparer of the model, in a process of its own."""

    async def prepare(self, prompt: TextPrompt) -> PreparedPrompt:
        """The tokens of a text."""
        ...

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        ...


class Counter(Protocol):
    """Says how many tokens a text has."""

    async def count(self, text: str) -> TokenCount:
        """Of a whole text. Does not raise."""
        ...

    async def first(self, text: str, tokens: int) -> str:
        """The beginning of ``text`` that has at least so many tokens. Does not raise."""
        ...


class Guessing:
    """Without a tokenizer."""

    async def count(self, text: str) -> TokenCount:
        """See ``Counter``."""
        return guess_text(len(text.encode()))

    async def first(self, text: str, tokens: int) -> str:
        """As long as a text of so many tokens can be."""
        return text.encode()[: tokens * MOST_BYTES].decode(errors="ignore")


class Exact:
    """With the model's own. What it cannot count in time is guessed."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._guessing = Guessing()

    async def count(self, text: str) -> TokenCount:
        """See ``Counter``."""
        if not text:
            return TokenCount.exactly(0)
        try:
            return TokenCount.exactly(len((await self._vocabulary.prepare(TextPrompt(text))).tokens))
        except CarrelError:
            return await self._guessing.count(text)

    async def first(self, text: str, tokens: int) -> str:
        """See ``Counter``: cut where the token ends."""
        try:
            prepared = await self._vocabulary.prepare(TextPrompt(text))
            beginning = await self._vocabulary.detokenize(prepared.tokens[:tokens])
        except CarrelError:
            return await self._guessing.first(text, tokens)
        return text[: _same(text, beginning)]


class Meter:
    """The text of one choice against the most tokens it may have.

    A token has a byte at least, so the text is counted only when it may have become too long since it was
    counted last: some twenty times in an answer of thousands of tokens.
    """

    def __init__(self, counter: Counter, most_tokens: int) -> None:
        self._counter = counter
        self._most_tokens = most_tokens
        self._pieces: list[str] = []
        self._bytes = 0
        self._safe_bytes = most_tokens
        """Up to here it cannot be over."""
        self.over = False

    @property
    def text(self) -> str:
        """All that was admitted."""
        return "".join(self._pieces)

    async def admit(self, more: str) -> str:
        """As much of ``more`` as may follow; less than all of it sets ``over``, and then nothing follows."""
        if self.over:
            return ""
        self._bytes += len(more.encode())
        if self._bytes > self._safe_bytes:
            more = await self._within(more)
        self._pieces.append(more)
        return more

    async def total(self) -> TokenCount:
        """Of all that was admitted; once it is over, as many as it may have."""
        count = await self._counter.count(self.text)
        if self.over:
            return TokenCount(self._most_tokens, min(count.least, self._most_tokens), count.most)
        return count

    async def _within(self, more: str) -> str:
        before = self.text
        count = await self._counter.count(before + more)
        if count.least <= self._most_tokens:
            self._safe_bytes = self._bytes + self._most_tokens - count.least
            return more
        self.over = True
        return (await self._counter.first(before + more, self._most_tokens))[len(before) :]


def _same(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
