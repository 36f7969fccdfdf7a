"""Patterns that texts are searched for, in RE2's syntax: whatever the text, the time grows with its length.

A set is searched in one pass. What a pattern can cost is bounded before it is taken: by its length, and by
the size of what it compiles to, since a counted repeat is written out (``.{0,300}`` is 2,700 steps). Pure.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import re2

from appliance.errors import BadRequest

MOST_CHARACTERS: Final = 500
"""Of one pattern."""
MOST_PATTERNS: Final = 1000
"""In one set."""
MOST_STEPS: Final = 4000
"""Instructions that one pattern may compile to."""
MOST_STEPS_TOGETHER: Final = 20_000
"""Of a set. At this size 16 KiB of text take about 0.1 s where patterns were made to be slow."""
_MOST_BYTES: Final = 1 << 20
_MOST_BYTES_TOGETHER: Final = 64 << 20
_SENTINEL: Final = r"\A"
"""Is in every text: a set that does not find it has run out of memory, and found nothing for that reason."""
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Pattern:
    """One pattern."""

    def __init__(self, text: str, compiled: "re2._Regexp") -> None:
        self.text: Final = text
        self._compiled = compiled

    @classmethod
    def compile(cls, text: str) -> "Pattern":
        """Raises ``BadRequest``, with the place of the error."""
        if not 0 < len(text) <= MOST_CHARACTERS:
            raise BadRequest(
                f"A pattern has 1 to {MOST_CHARACTERS} characters. Make it shorter or two of it."
            )
        if wrong := _FORBIDDEN.search(text):
            raise BadRequest(f"A pattern has a control character at place {wrong.start() + 1}. Take it out.")
        try:
            compiled = re2.compile(text.encode(), _options(_MOST_BYTES))
        except re2.error as error:
            raise BadRequest(_broken(text, str(error.args[0], "utf-8", "replace"))) from error
        if compiled.programsize > MOST_STEPS:
            raise BadRequest(
                f"The pattern `{text}` is too large: written out it has {compiled.programsize} steps, and "
                f"one may have {MOST_STEPS}. Repeat less, as in {{0,20}}."
            )
        return cls(text, compiled)

    @property
    def steps(self) -> int:
        """How large it is, written out."""
        return int(self._compiled.programsize)

    def found(self, text: str) -> bool:
        """Whether it is anywhere in ``text``."""
        return self.found_in_bytes(_utf8(text))

    def found_in_bytes(self, text: bytes) -> bool:
        """The same of UTF-8."""
        return self._compiled.search(text) is not None


class PatternSet:
    """Many patterns, searched at once. Each is known by its place in the sequence that they were given in."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Raises ``BadRequest`` for more than a set may hold."""
        if len(patterns) > MOST_PATTERNS:
            raise BadRequest(f"A set has at most {MOST_PATTERNS} patterns. Join some with |.")
        if sum(one.steps for one in patterns) > MOST_STEPS_TOGETHER:
            raise BadRequest(
                f"The patterns are too large together: at most {MOST_STEPS_TOGETHER} steps, written out. "
                "Repeat less, or take some out."
            )
        self.patterns: Final = tuple(patterns)
        self._set = _compiled_set(self.patterns)

    @classmethod
    def compile(cls, texts: Iterable[str]) -> "PatternSet":
        """Raises ``BadRequest`` as ``Pattern.compile`` does."""
        return cls([Pattern.compile(text) for text in texts])

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def found(self, text: str) -> tuple[int, ...]:
        """Places of the patterns that are anywhere in ``text``, in order."""
        return self.found_in((text,))

    def found_in(self, texts: Iterable[str]) -> tuple[int, ...]:
        """Places of the patterns that are in any of ``texts``, each searched by itself."""
        if not self.patterns:
            return ()
        found = {place for text in texts for place in self._places(_utf8(text))}
        return tuple(sorted(found))

    def _places(self, text: bytes) -> list[int]:
        places = self._set.Match(text)
        if not places:
            return [place for place, one in enumerate(self.patterns) if one.found_in_bytes(text)]
        return [place - 1 for place in places if place]


def _compiled_set(patterns: Sequence[Pattern]) -> "re2.Set":
    together = re2.Set.SearchSet(_options(_MOST_BYTES_TOGETHER))
    together.Add(_SENTINEL)
    for one in patterns:
        together.Add(one.text)
    try:
        together.Compile()
    except re2.error as error:
        raise BadRequest("The patterns are too large together. Repeat less, or take some out.") from error
    return together


def _options(most_bytes: int) -> "re2.Options":
    options = re2.Options()
    options.max_mem = most_bytes
    options.log_errors = False
    return options


def _broken(text: str, reason: str) -> str:
    """RE2 says ``reason: where``; ``where`` is a piece of the pattern, most often."""
    piece = reason.rpartition(": ")[2]
    place = text.find(piece) if piece and piece != reason else -1
    at = f" at place {place + 1}" if place >= 0 else ""
    return (
        f"The pattern `{text}` cannot be read{at}: {reason}. Patterns are written as RE2 takes them: no look-"
        "around and no back-references; \\ stands before a character that is meant itself."
    )


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
