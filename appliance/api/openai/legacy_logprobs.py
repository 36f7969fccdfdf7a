"""Log-probabilities in the shape of completions: four lists of equal length, and where each token's text is.

``text_offset`` counts characters of the choice's ``text``, from its beginning. A token that begins within a
character has the offset of that character; one whose text is not in ``text`` (a token that begins or ends a
text, or is part of a stop string) has the offset at which it would stand.
"""

import codecs
from typing import Final

import msgspec

from appliance.api.openai.logprobs import finite, piece_text
from appliance.domain.generation import TokenLogprob

_NULL: Final = msgspec.Raw(b"null")


class LegacyLogprobs(msgspec.Struct, frozen=True):
    """As OpenAI has it. Of tokens with the same text the most probable one is in ``top_logprobs``, where the
    token itself always is; its entries are encoded already, because as objects they take ten times the room.
    """

    tokens: list[str] = []
    token_logprobs: list[float | None] = []
    top_logprobs: list[msgspec.Raw] = []
    text_offset: list[int] = []

    def tell(self, one: TokenLogprob) -> None:
        """Put a token behind the others. Its offset has to follow."""
        self.tokens.append(piece_text(one.piece))
        self.token_logprobs.append(None if one.logprob is None else finite(one.logprob))
        self.top_logprobs.append(_top(one))

    def add(self, more: "LegacyLogprobs") -> None:
        """Put all of ``more`` behind."""
        self.tokens.extend(more.tokens)
        self.token_logprobs.extend(more.token_logprobs)
        self.top_logprobs.extend(more.top_logprobs)
        self.text_offset.extend(more.text_offset)


class Offsets:
    """Where tokens begin in a text that they make up together, whatever characters they cut through.

    ``start`` is the offset of the first; of the first ``hidden_bytes`` nothing is in the text, and nothing is
    behind ``end``.
    """

    def __init__(self, start: int, *, hidden_bytes: int = 0, end: int | None = None) -> None:
        self._at = start
        self._hidden_bytes = hidden_bytes
        self._end = end
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def of_next(self, piece: bytes) -> int:
        """Where the next token begins."""
        at = self._at if self._end is None else min(self._at, self._end)
        self._at += len(self._decoder.decode(piece[self._hidden_bytes :]))
        self._hidden_bytes = max(0, self._hidden_bytes - len(piece))
        return at


def _top(one: TokenLogprob) -> msgspec.Raw:
    if one.logprob is None:
        return _NULL
    by_text: dict[str, float] = {}
    for other in one.top:
        by_text.setdefault(piece_text(other.piece), finite(other.logprob))
    text, logprob = piece_text(one.piece), finite(one.logprob)
    by_text[text] = max(by_text.get(text, logprob), logprob)
    return msgspec.Raw(msgspec.json.encode(by_text))
