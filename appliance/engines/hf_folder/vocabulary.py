"""Text to tokens with the model's own ``tokenizer.json``; no weights are loaded, and no torch."""

import re
from collections import Counter

from tokenizers import Tokenizer

from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.architecture import Architecture
from appliance.engines.hf_folder.configuration import read_configuration
from appliance.engines.hf_folder.files import TOKENIZER, ModelFiles
from appliance.engines.hf_folder.pieces import pieces_of
from appliance.engines.hf_folder.tokenizer_file import TokenizerFile
from appliance.errors import IntegrityFailed, PreparationFailed


def open_vocabulary(spec: EngineSpec) -> "TokenizerVocabulary":
    """Raises ``IntegrityFailed`` for a folder without a usable ``tokenizer.json``."""
    files = ModelFiles(spec)
    return TokenizerVocabulary(TokenizerFile(files), read_configuration(files).architecture())


class TokenizerVocabulary:
    """A vocabulary as large as the model's tables, which may have rows that no text comes to."""

    def __init__(self, file: TokenizerFile, architecture: Architecture) -> None:
        try:
            self._pieces = pieces_of(file, architecture.vocabulary)
            self._parsing = Tokenizer.from_buffer(file.written())
            self._plain = Tokenizer.from_buffer(file.written())
            _check_numbers(self._parsing, file)
        except ValueError as error:
            raise IntegrityFailed(f"{TOKENIZER} does not fit the model, or is damaged.") from error
        self._plain.encode_special_tokens = True
        self._special = {one.id: one.content for one in file.added if one.special}
        self._controls = frozenset(self._special) - {file.unknown}
        # Between the first character of a control token's text and the others.
        texts = sorted(filter(_divisible, self._special.values()), key=len, reverse=True)
        self._inside = re.compile(
            "|".join(f"(?<={re.escape(one[0])})(?={re.escape(one[1:])})" for one in texts) or r"(?!)"
        )
        self._ends = frozenset(architecture.eos_tokens)
        self._bos, self._eos = _around(file, architecture)

    @property
    def size(self) -> int:
        """Rows of the model's table."""
        return len(self._pieces)

    @property
    def special_texts(self) -> tuple[str, ...]:
        """Of the special tokens; other added tokens are found in any text, and control nothing."""
        return tuple(self._special.values())

    @property
    def bos_tokens(self) -> tuple[int, ...]:
        """The first that the model's configuration names."""
        return self._bos

    @property
    def eos_tokens(self) -> tuple[int, ...]:
        """The first that the model's configuration names."""
        return self._eos

    @property
    def end_tokens(self) -> frozenset[int]:
        """All that the model's configuration names."""
        return self._ends

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Raises ``PreparationFailed`` for text that has no UTF-8 form or that the vocabulary cannot say."""
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise PreparationFailed("The prompt holds half of a character (a lone surrogate).") from error
        if parse_special:
            tokens = _encoded(self._parsing, text)
            return self._checked(tokens, text)
        tokens = _encoded(self._plain, text)
        if self._controls.isdisjoint(tokens):
            return tokens
        parts = [_encoded(self._plain, part) for part in self._inside.split(text)]
        return self._checked([token for part in parts for token in part], "")

    def _checked(self, tokens: list[int], text: str) -> list[int]:
        """Raises ``PreparationFailed`` where a control token came from other than its own text.

        A normalization can make that text of another one, and some vocabularies list it among the plain ones.
        """
        for token, times in Counter(token for token in tokens if token in self._controls).items():
            if times > text.count(self._special[token]):
                raise PreparationFailed(
                    "The prompt holds text that looks like one of the model's control tokens."
                )
        return tokens

    def piece(self, token: int) -> bytes:
        """Empty for special tokens, and for rows that no text comes to."""
        return self._pieces[token]

    def name(self, token: int) -> bytes:
        """The same, and of a special token its text."""
        text = self._special.get(token)
        return self._pieces[token] if text is None else text.encode()


def _check_numbers(tokenizer: Tokenizer, file: TokenizerFile) -> None:
    """The library numbers added tokens by itself where the file's numbers do not follow on each other."""
    for added in file.added:
        if tokenizer.token_to_id(added.content) != added.id:
            raise ValueError(f"{added.content!r} is not token {added.id}")


def _encoded(tokenizer: Tokenizer, text: str) -> list[int]:
    try:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    except Exception as error:
        raise PreparationFailed("The prompt cannot be said in the model's vocabulary.") from error
    return ids


def _divisible(text: str) -> bool:
    return len(text) > 1


def _around(file: TokenizerFile, architecture: Architecture) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What goes before and behind a text. BERT's configuration does not say; its tokenizer does."""
    if not architecture.encoder:
        return architecture.bos_tokens[:1], architecture.eos_tokens[:1]
    numbers = {one.content: one.id for one in file.added}
    first, last = file.around()
    return (
        tuple(numbers[text] for text in first if text in numbers),
        tuple(numbers[text] for text in last if text in numbers),
    )
