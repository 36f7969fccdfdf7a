"""The form of a key: ``crl_``, 160 random bits and a checksum, both in base 62.

The prefix lets secret scanners and the log filter find a leaked key; the checksum refuses a mistyped one
before anything is looked up. Only the SHA-256 of a key is stored: 160 random bits need no slow hash.
"""

import hashlib
import re
import zlib
from typing import Final

PREFIX: Final = "crl_"
SECRET_BYTES: Final = 20
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_DIGITS: Final = 27
"""62^27 > 2^160."""
CHECKSUM_DIGITS: Final = 6
"""62^6 > 2^32."""
KEY_PATTERN: Final = re.compile(r"crl_[0-9A-Za-z]{8,}")
"""Finds keys in any text, cut-off ones too: wider than the form itself, as a log filter must be."""

LOOK_ALIKE: Final = frozenset("0O1lI")
"""Characters that are taken for another one when they are read from paper."""
_FORM: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{SECRET_DIGITS + CHECKSUM_DIGITS}}}\Z")


def format_key(secret: bytes) -> str:
    """The key of ``SECRET_BYTES`` random bytes. Raises ``ValueError`` for another length."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a key is made of {SECRET_BYTES} random bytes, not {len(secret)}")
    body = PREFIX + _base62(int.from_bytes(secret, "big"), SECRET_DIGITS)
    return body + _checksum(body)


def well_formed(key: str) -> bool:
    """Whether ``key`` has the form and its own checksum. Any text may be asked about."""
    return _FORM.match(key) is not None and _checksum(key[:-CHECKSUM_DIGITS]) == key[-CHECKSUM_DIGITS:]


def is_easily_read(key: str) -> bool:
    """Whether nobody mistakes a character of it. One key in sixteen is so: drawing until one comes leaves 156
    of its 160 bits.
    """
    return not LOOK_ALIKE & set(key.removeprefix(PREFIX))


def key_digest(key: str) -> bytes:
    """The 32 bytes under which a well-formed key is stored."""
    return hashlib.sha256(key.encode("ascii")).digest()


def redact_keys(text: str) -> str:
    """The text with every key in it cut to its prefix."""
    return KEY_PATTERN.sub(f"{PREFIX}[redacted]", text)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), CHECKSUM_DIGITS)


def _base62(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text
