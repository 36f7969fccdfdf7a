"""Makes foreign text safe to print: data can hold terminal commands and characters that turn text around."""

import unicodedata
from typing import Final

_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidi and zero-width), surrogate, private, unassigned, line and paragraph separators."""
_JOINER: Final = "\N{ZERO WIDTH JOINER}"
"""Holds compound emoji and Indic letters together; it can turn nothing around."""


def one_line(text: str) -> str:
    """The text without anything but visible characters and spaces."""
    return _visible(" ".join(text.split()))


def many_lines(text: str) -> str:
    """The text with its line breaks, and tabs as spaces."""
    return "\n".join(_visible(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n"))


def _visible(text: str) -> str:
    if text.isprintable():  # nearly always, and then nothing of it is dropped
        return text
    return "".join(one for one in text if one == _JOINER or unicodedata.category(one) not in _DROPPED)
