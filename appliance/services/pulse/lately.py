"""Who did something in the last while, and how long first words took in it. Bounded: of too many, those of
longest ago are forgotten.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from typing import Final, Generic, TypeVar

PEOPLE_S: Final = 900.0
MOST_PEOPLE: Final = 16_384
FIRST_WORDS_S: Final = 300.0
MOST_FIRST_WORDS: Final = 4096

Who = TypeVar("Who")


class Lately(Generic[Who]):
    """Each of them once, with when that was."""

    def __init__(self, window_s: float = PEOPLE_S, most: int = MOST_PEOPLE) -> None:
        self._window_s = window_s
        self._most = most
        self._last_s: OrderedDict[Who, float] = OrderedDict()

    def note(self, who: Who, now_s: float) -> None:
        """They did it now."""
        self._last_s[who] = now_s
        self._last_s.move_to_end(who)
        if len(self._last_s) > self._most:
            self._last_s.popitem(last=False)

    def of(self, now_s: float) -> Collection[Who]:
        """All who did it within the window; the others are forgotten."""
        while self._last_s and next(iter(self._last_s.values())) <= now_s - self._window_s:
            self._last_s.popitem(last=False)
        return self._last_s.keys()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._last_s)


class FirstWords:
    """From a request to its first word, in seconds, of those that ended lately."""

    def __init__(self) -> None:
        self._ended: deque[tuple[float, float]] = deque(maxlen=MOST_FIRST_WORDS)

    def note(self, took_s: float, now_s: float) -> None:
        """One more."""
        self._ended.append((now_s, took_s))

    def of(self, now_s: float) -> list[float]:
        """All of the window, the shortest first."""
        while self._ended and self._ended[0][0] <= now_s - FIRST_WORDS_S:
            self._ended.popleft()
        return sorted(took_s for _, took_s in self._ended)


def percentile_ms(rising_s: Sequence[float], percent: int) -> int | None:
    """By nearest rank; None of nothing."""
    if not rising_s:
        return None
    return round(1000 * rising_s[math.ceil(len(rising_s) * percent / 100) - 1])
