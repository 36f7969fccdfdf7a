"""How long a source is asked again: without end while bytes come, and not forever where none do."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_AFTER_BYTES_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """``tries`` in a row without a byte end it. Between them a random part of a time that doubles (full
    jitter), so that many boxes do not come back at once.
    """

    tries: int = 10
    first_s: float = 0.5
    longest_s: float = 20.0
    chance: Callable[[], float] = random.random

    def wait_s(self, fruitless: int, asked_s: float | None) -> float | None:
        """Before the next try, after so many in a row brought nothing; ``asked_s`` is the host's own wish.
        None: give up.
        """
        if fruitless >= self.tries:
            return None
        if asked_s is not None:
            return asked_s
        if not fruitless:
            return self.chance() * _AFTER_BYTES_S
        spread: float = min(self.longest_s, self.first_s * 2 ** min(fruitless - 1, 30))
        return self.chance() * spread
