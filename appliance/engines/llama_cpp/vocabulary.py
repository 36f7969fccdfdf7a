"""Text to tokens with the model's own vocabulary; no weights are loaded."""

import ctypes
from typing import Final

from llama_cpp import llama_cpp as native

from appliance.engines.llama_cpp.library import end_tokens, load_vocabulary, piece
from appliance.errors import PreparationFailed

_SPECIAL: Final = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNKNOWN
_NO_TOKEN: Final = -1


class LlamaCppVocabulary:
    """A GGUF file opened for its vocabulary."""

    def __init__(self, model_path: str) -> None:
        # The vocabulary lives inside the model, which is kept for as long as the process lives.
        self._vocabulary = native.llama_model_get_vocab(load_vocabulary(model_path))
        self._special_texts = self._read_special_texts()

    @property
    def size(self) -> int:
        """Of the file's vocabulary."""
        return int(native.llama_vocab_n_tokens(self._vocabulary))

    @property
    def end_tokens(self) -> frozenset[int]:
        """All end-of-generation tokens of the file."""
        return end_tokens(self._vocabulary)

    def piece(self, token: int) -> bytes:
        """The bytes of a token."""
        return piece(self._vocabulary, token)

    def name(self, token: int) -> bytes:
        """The bytes of a token, or the text of a control token."""
        return piece(self._vocabulary, token, special=True)

    @property
    def special_texts(self) -> tuple[str, ...]:
        """Texts of control and unknown tokens: the two kinds that ``parse_special`` switches on.

        User-defined tokens are matched in any text, ``parse_special`` or not, and control nothing.
        """
        return self._special_texts

    @property
    def bos_tokens(self) -> tuple[int, ...]:
        """The file's beginning-of-text token, where it has one."""
        token = native.llama_vocab_bos(self._vocabulary)
        return () if token == _NO_TOKEN else (token,)

    @property
    def eos_tokens(self) -> tuple[int, ...]:
        """The file's end-of-text token, or for BERT-like vocabularies its separator, where it has one."""
        word_pieces = native.llama_vocab_type(self._vocabulary) == native.LLAMA_VOCAB_TYPE_WPM
        ending = native.llama_vocab_sep if word_pieces else native.llama_vocab_eos
        token = ending(self._vocabulary)
        return () if token == _NO_TOKEN else (token,)

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Raises ``PreparationFailed`` for text that has no UTF-8 form or is too long to count."""
        try:
            encoded = text.encode()
        except UnicodeEncodeError as error:
            raise PreparationFailed("The prompt holds half of a character (a lone surrogate).") from error
        # No token is shorter than a byte; some vocabularies put a space before the text.
        capacity = len(encoded) + 8
        tokens = (ctypes.c_int32 * capacity)()
        count = native.llama_tokenize(
            self._vocabulary, encoded, len(encoded), tokens, capacity, False, parse_special
        )
        if count < 0:
            raise PreparationFailed("The prompt could not be turned into tokens; send a shorter one.")
        return tokens[:count]

    def _read_special_texts(self) -> tuple[str, ...]:
        vocabulary = self._vocabulary
        texts = [
            native.llama_vocab_get_text(vocabulary, token).decode(errors="replace")
            for token in range(native.llama_vocab_n_tokens(vocabulary))
            if native.llama_vocab_get_attr(vocabulary, token) & _SPECIAL
        ]
        return tuple(text for text in texts if text)
