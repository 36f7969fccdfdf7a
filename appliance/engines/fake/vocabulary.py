"""A vocabulary of bytes: token ``b`` is the byte ``b``, and above 255 are a few control tokens."""

import os
import re
import signal
from time import sleep
from typing import Final

from appliance.engines.fake.options import FakeOptions
from appliance.errors import PreparationFailed

CONTROL_TEXTS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|bos|>")
END_TOKENS: Final = frozenset({256, 258})
IM_END: Final = 258
BOS: Final = 259
EOS: Final = 256
VOCABULARY_TOKENS: Final = 256 + len(CONTROL_TEXTS)

_CONTROL = re.compile("(" + "|".join(map(re.escape, CONTROL_TEXTS)) + ")")


def bytes_of(token: int) -> bytes:
    """The bytes a token stands for; empty for control tokens."""
    return bytes((token,)) if token < 256 else b""


def name_of(token: int) -> bytes:
    """The same, and for a control token its text."""
    return bytes_of(token) or CONTROL_TEXTS[token - 256].encode()


class FakeVocabulary:
    """UTF-8 bytes as tokens."""

    def __init__(self, options: FakeOptions) -> None:
        self._options = options

    @property
    def size(self) -> int:
        """Bytes and control tokens."""
        return VOCABULARY_TOKENS

    @property
    def end_tokens(self) -> frozenset[int]:
        """End of text and end of turn."""
        return END_TOKENS

    def piece(self, token: int) -> bytes:
        """The byte of a byte token."""
        return bytes_of(token)

    def name(self, token: int) -> bytes:
        """The byte of a byte token, the text of a control token."""
        return name_of(token)

    @property
    def special_texts(self) -> tuple[str, ...]:
        """The texts of the control tokens."""
        return CONTROL_TEXTS

    @property
    def bos_tokens(self) -> tuple[int, ...]:
        """One token."""
        return (BOS,)

    @property
    def eos_tokens(self) -> tuple[int, ...]:
        """One token."""
        return (EOS,)

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Raises ``PreparationFailed`` for text that has no UTF-8 form."""
        sleep(self._options.tokenize_delay_ms / 1000)
        if self._options.die_on_text is not None and self._options.die_on_text in text:
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            return _parsed(text) if parse_special else list(text.encode())
        except UnicodeEncodeError as error:
            raise PreparationFailed("The prompt holds half of a character (a lone surrogate).") from error


def _parsed(text: str) -> list[int]:
    tokens: list[int] = []
    for part in _CONTROL.split(text):
        if part in CONTROL_TEXTS:
            tokens.append(256 + CONTROL_TEXTS.index(part))
        else:
            tokens.extend(part.encode())
    return tokens
