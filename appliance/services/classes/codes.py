"""Codes to join a class with, as a projector shows them: read from ten meters, typed once, good for minutes.

They are in memory only. None of their characters is taken for another one, so there is no 0, O, 1, I or L;
eight of the other 31 are 39 bits, and wrong ones are counted (``attempts``).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from appliance.domain.clock import Clock

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
MOST_TYPED: Final = 40
_MINUTE_MS: Final = 60_000
_IGNORED: Final = str.maketrans("", "", "- \t\u00a0\u2010\u2011\u2013\u2212.")


@dataclass(frozen=True, slots=True)
class JoinCode:
    """``text`` as it is compared, without a dash."""

    class_id: str
    text: str
    ends_ms: int

    @property
    def shown(self) -> str:
        """``K7QM-2F9X``."""
        return f"{self.text[:4]}-{self.text[4:]}"


def typed(text: str) -> str | None:
    """A code as somebody typed it, in either case, with or without dash and spaces; None for what is none."""
    if len(text) > MOST_TYPED:
        return None
    code = text.translate(_IGNORED).strip().upper()
    return code if len(code) == LENGTH and all(one in ALPHABET for one in code) else None


class JoinCodes:
    """One for each class at a time."""

    def __init__(self, clock: Clock, choice: Callable[[str], str] = secrets.choice) -> None:
        self._clock = clock
        self._choice = choice
        self._codes: dict[str, JoinCode] = {}

    def of(self, class_id: str) -> JoinCode | None:
        """The one that is good now."""
        found = self._codes.get(class_id)
        return None if found is None or found.ends_ms <= self._clock.now_ms() else found

    def make(self, class_id: str, minutes: int, not_after_ms: int) -> JoinCode:
        """A new one, in the place of the one before."""
        taken = {one.text for one in self._codes.values()}
        text = self._draw()
        while text in taken:
            text = self._draw()
        ends_ms = min(self._clock.now_ms() + minutes * _MINUTE_MS, not_after_ms)
        self._codes[class_id] = JoinCode(class_id, text, ends_ms)
        return self._codes[class_id]

    def end(self, class_id: str) -> None:
        """None any more. Safe twice."""
        self._codes.pop(class_id, None)

    def find(self, text: str) -> JoinCode | None:
        """The good one that somebody typed. Every code is compared, in constant time, whichever it is."""
        code = (typed(text) or "").encode()
        found = None
        for one in self._codes.values():
            if compare_digest(one.text.encode(), code):
                found = one
        return None if found is None else self.of(found.class_id)

    def _draw(self) -> str:
        return "".join(self._choice(ALPHABET) for _ in range(LENGTH))
