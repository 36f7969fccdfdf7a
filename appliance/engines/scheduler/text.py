"""Turns the bytes of tokens into text that may be shown: whole characters, nothing of a stop string.

The result does not depend on how tokens cut the bytes. Text ends before the stop string that is complete
first; of several complete at the same character, before the longest.
"""

import codecs
from collections.abc import Sequence

_UTF8 = codecs.getincrementaldecoder("utf-8")


class TextRelease:
    """The text of one choice as it grows.

    Bytes that are no UTF-8 become U+FFFD; an unfinished character, or text that may yet become a stop
    string, is held back. After ``stopped`` nothing more is released.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._decoder = _UTF8("replace")
        self._matchers = [_Matcher(stop) for stop in stops if stop]
        self._held = ""
        self.stopped = False
        self.stop = ""
        """The stop string that ended the text, once one did."""

    def feed(self, piece: bytes) -> str:
        """The text that this piece sets free; often empty."""
        text = self._decoder.decode(piece)
        return self._release(text) if self._matchers else text

    def flush(self) -> str:
        """What is still held back, once no more pieces come."""
        text = self._decoder.decode(b"", final=True)
        if not self._matchers:
            return text
        released = self._release(text) + self._held
        self._held = ""
        return released

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        pending = self._held + text
        for end, character in enumerate(text, start=len(self._held) + 1):
            if matched := max([matcher.feed(character) for matcher in self._matchers]):
                self.stopped = True
                self.stop = pending[end - matched : end]
                self._held = ""
                return pending[: end - matched]
        safe = len(pending) - max([matcher.progress for matcher in self._matchers])
        self._held = pending[safe:]
        return pending[:safe]


class _Matcher:
    """Finds one stop string, a character at a time, in linear time (Knuth, Morris, Pratt 1977)."""

    __slots__ = ("_fallbacks", "_stop", "progress")

    def __init__(self, stop: str) -> None:
        self._stop = stop
        self._fallbacks = _fallbacks(stop)
        self.progress = 0
        """Characters of the stop string that the text now ends with."""

    def feed(self, character: str) -> int:
        """The stop string's length when this character completes it, else 0. Not to be fed after that."""
        while self.progress and self._stop[self.progress] != character:
            self.progress = self._fallbacks[self.progress - 1]
        if self._stop[self.progress] == character:
            self.progress += 1
        return self.progress if self.progress == len(self._stop) else 0


def _fallbacks(stop: str) -> list[int]:
    """For each prefix of ``stop``, the length of the longest shorter prefix that it ends with."""
    lengths = [0] * len(stop)
    matched = 0
    for end in range(1, len(stop)):
        while matched and stop[end] != stop[matched]:
            matched = lengths[matched - 1]
        matched += stop[end] == stop[matched]
        lengths[end] = matched
    return lengths
