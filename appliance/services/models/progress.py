"""How far a model has come on its way to ready. Pure."""

import math
from collections.abc import Sequence
from typing import Final

HASHING_PART: Final = 0.3
"""Of the whole way: reading the files once to verify them. The rest is the workers reading them."""
_KNOWN_FROM: Final = 0.05
"""Below this part of the way an estimate would be a guess."""
_LEAST_RETRY_S: Final = 1
_MOST_RETRY_S: Final = 60
_UNKNOWN_RETRY_S: Final = 5


def part_done(hashed: float, loaded: Sequence[float]) -> float:
    """0 to 1. ``loaded`` is one part a worker, empty before there are workers."""
    workers = sum(loaded) / len(loaded) if loaded else 0.0
    return min(1.0, HASHING_PART * hashed + (1 - HASHING_PART) * workers)


def percent_of(part: float) -> int:
    """For people; 100 is left to a model that is ready."""
    return min(99, math.floor(100 * part))


def eta_s(part: float, elapsed_s: float) -> int | None:
    """Seconds that are left if it goes on as it went; None where nobody can tell yet."""
    if part < _KNOWN_FROM:
        return None
    return math.ceil(elapsed_s * (1 - part) / part)


def retry_after_s(eta: int | None) -> int:
    """When to ask again."""
    if eta is None:
        return _UNKNOWN_RETRY_S
    return min(_MOST_RETRY_S, max(_LEAST_RETRY_S, eta))
