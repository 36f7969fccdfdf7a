"""The bytes that each token of a ``tokenizer.json`` stands for."""

from collections.abc import Callable, Iterable
from typing import Final

from appliance.engines.hf_folder.tokenizer_file import BpeModel, TokenizerFile, UnigramModel, WordPieceModel

_SPACE: Final = "▁"
_INSIDE: Final = "##"


def _byte_symbols() -> dict[str, int]:
    """The printable stand-in of each byte (GPT-2, ``bytes_to_unicode``)."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return {chr(byte) if byte in printable else chr(next(others)): byte for byte in range(256)}


_BYTES: Final = _byte_symbols()


def pieces_of(file: TokenizerFile, size: int) -> list[bytes]:
    """One for each number below ``size``: empty for special tokens, and where there is no token.

    Raises ``ValueError`` for a token with another number.
    """
    pieces = [b""] * size
    read = _reader(file)
    for text, token in _vocabulary(file):
        pieces[_checked(token, size)] = read(text)
    for added in file.added:
        pieces[_checked(added.id, size)] = b"" if added.special else added.content.encode()
    return pieces


def _vocabulary(file: TokenizerFile) -> Iterable[tuple[str, int]]:
    model = file.model
    if isinstance(model, UnigramModel):
        return ((text, token) for token, (text, _) in enumerate(model.vocab))
    return model.vocab.items()


def _checked(token: int, size: int) -> int:
    if token >= size:
        raise ValueError(f"token {token} of a vocabulary of {size}")
    return token


def _reader(file: TokenizerFile) -> Callable[[str], bytes]:
    if isinstance(file.model, WordPieceModel):
        return _word_piece
    if "ByteLevel" in file.steps and isinstance(file.model, BpeModel):
        return _byte_level
    return _with_bytes if file.model.byte_fallback else _with_spaces


def _byte_level(text: str) -> bytes:
    # As the library decodes: a text that is no sequence of bytes is itself.
    found = [_BYTES.get(one) for one in text]
    return text.encode() if None in found else bytes(one for one in found if one is not None)


def _with_bytes(text: str) -> bytes:
    """``<0x0A>`` is a byte that no other token has."""
    if len(text) == 6 and text.startswith("<0x") and text.endswith(">"):
        return bytes.fromhex(text[3:5])
    return _with_spaces(text)


def _with_spaces(text: str) -> bytes:
    return text.replace(_SPACE, " ").encode()


def _word_piece(text: str) -> bytes:
    """A word begins with a space, as in the other vocabularies that know no bytes."""
    return text.removeprefix(_INSIDE).encode() if text.startswith(_INSIDE) else f" {text}".encode()
