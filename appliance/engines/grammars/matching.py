"""Follows grammars with llguidance, over one model's vocabulary.

The library never sees text of the model's: it is told tokens. Control tokens are marked as such, so that no
grammar admits one, but for those that end a text, where an answer may end.
"""

from collections import OrderedDict
from collections.abc import Collection
from time import thread_time
from typing import Final, Protocol

from llguidance import LLMatcher, LLParserLimits, LLTokenizer, TokenizerWrapper

from appliance.errors import BadRequest

_KEPT: Final = 32
"""Compiled grammars. A class or a batch sends the same few over and over."""
_LIMITS: Final = LLParserLimits(
    max_items_in_row=1000,
    initial_lexer_fuel=500_000,
    step_lexer_fuel=100_000,
    step_max_items=25_000,
    max_lexer_states=20_000,
    max_grammar_size=200_000,
    verbose_errors=False,
)
"""By the library's own speeds a step takes 10 ms at most, and a lexer 40 MB."""


class Pieces(Protocol):
    """What a token says: a part of ``Runner`` and of ``Vocabulary``."""

    def piece(self, token: int) -> bytes:
        """Empty for control tokens."""
        ...

    def name(self, token: int) -> bytes:
        """The bytes, and of a control token its name."""
        ...


class GrammarMatcher:
    """``Matcher`` over one of the library's."""

    def __init__(self, native: LLMatcher, end_tokens: Collection[int]) -> None:
        self._native = native
        self._end_tokens = end_tokens

    @property
    def finished(self) -> bool:
        """Nothing may follow."""
        return self._native.is_stopped() and not self._native.is_error()

    def take(self, token: int) -> bool:
        """Go on with a token that the grammar admits."""
        if token in self._end_tokens and self.finished:
            return True
        return self._native.try_consume_tokens([token]) == 1

    def allowed(self) -> bytes:
        """A bit for each token, the lowest first. Raises ``BadRequest`` where a limit was met."""
        if not self._native.is_error():
            mask = self._native.compute_bitmask()
            if not self._native.is_error():
                return mask
        raise BadRequest("What the answer has to keep to became too complex on the way. Ask for less.")


class GrammarMatchers:
    """``Constraints`` over one vocabulary of ``size`` tokens. Making one reads all of them.

    ``most_s`` bounds the processor time that one grammar may take to compile; what took longer is refused.
    """

    def __init__(
        self, pieces: Pieces, *, size: int, end_tokens: frozenset[int], most_s: float | None = None
    ) -> None:
        self._tokenizer = _tokenizer(pieces, size, sorted(end_tokens)) if end_tokens else None
        self._end_tokens = end_tokens
        self._most_s = most_s
        self._compiled: OrderedDict[str, LLMatcher] = OrderedDict()

    def matcher(self, grammar: str) -> GrammarMatcher:
        """At the beginning of an answer. Raises ``BadRequest`` for a grammar that does not compile."""
        compiled = self._compiled.get(grammar)
        if compiled is None:
            compiled = self._compiled[grammar] = self._compile(grammar)
            if len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(grammar)
        return GrammarMatcher(compiled.deep_copy(), self._end_tokens)

    def _compile(self, grammar: str) -> LLMatcher:
        if self._tokenizer is None:
            raise BadRequest("This model has no token that ends a text, so no answer of it can keep a form.")
        began_s = thread_time()
        compiled = LLMatcher(self._tokenizer, grammar, log_level=0, limits=_LIMITS)
        if compiled.is_error():
            raise BadRequest(_explained(compiled.get_error()))
        if self._most_s is not None and thread_time() - began_s > self._most_s:
            raise BadRequest("The schema takes too long to compile. Send a smaller one.")
        return compiled


def _tokenizer(pieces: Pieces, size: int, end_tokens: list[int]) -> LLTokenizer:
    texts = [pieces.piece(token) for token in range(size)]
    control = [token for token, text in enumerate(texts) if not text]
    control += [token for token in end_tokens if texts[token]]
    for token in control:
        texts[token] = texts[token] or pieces.name(token)
    return LLTokenizer(TokenizerWrapper(_Vocabulary(texts, control, end_tokens)), eos_token=end_tokens)


class _Vocabulary:
    """As the library wants to see it."""

    bos_token_id: int | None = None

    def __init__(self, tokens: list[bytes], special_token_ids: list[int], end_tokens: list[int]) -> None:
        self.tokens = tokens
        self.special_token_ids = special_token_ids
        self.eos_token_id = end_tokens[0]

    def __call__(self, text: bytes) -> list[int]:  # noqa: ARG002 - as the library calls it
        """Only asked where a grammar forces tokens, and ours do not."""
        return []


_REASONS: Final = (
    ("oneOf", "its `oneOf` has alternatives that may both hold; use `anyOf`"),
    ("nsatisfiable", "no answer can keep to it"),
    ("circular", "a definition refers to itself beside other keywords"),
    ("minProperties", "`minProperties` and `maxProperties` need every property to be required"),
    ("maxProperties", "`minProperties` and `maxProperties` need every property to be required"),
    ("too large", "it is too large"),
    ("too complex", "it is too complex"),
)
"""By words of the library's messages, which quote the schema and so cannot be passed on."""


def _explained(message: str) -> str:
    reason = next((reason for word, reason in _REASONS if word in message), "it is not one that is supported")
    return f"The schema cannot be kept to: {reason}."
