"""How much one may ask of the queue, and what it says to those who ask more."""

from dataclasses import dataclass
from typing import Final

from appliance.domain.generation import ServiceClass
from appliance.errors import PersonLimitReached, QueueFull, QueueTimedOut

RETRY_AFTER_S: Final = 5
LONG_RETRY_AFTER_S: Final = 30
LONGEST_RETRY_AFTER_S: Final = 300


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Bounds from the settings. Timeouts in seconds."""

    waiting: int
    person_running: int = 32
    person_waiting: int = 64
    timeout_s: float = 300.0
    batch_timeout_s: float = 86_400.0

    def patience_s(self, asked: ServiceClass) -> float:
        """Longest time that a request of this class waits."""
        return self.timeout_s if asked is ServiceClass.INTERACTIVE else self.batch_timeout_s


def queue_full(limit: int, next_in_s: int | None) -> QueueFull:
    """As many wait as may wait. ``next_in_s`` is when one of them should have its turn; None: unknown."""
    return QueueFull(
        f"{limit} requests are waiting already. Try again in a few seconds.",
        retry_after_s=RETRY_AFTER_S if next_in_s is None else min(next_in_s, LONGEST_RETRY_AFTER_S),
    )


def person_limit_reached(limit: int) -> PersonLimitReached:
    """One person's share of the queue is used up."""
    return PersonLimitReached(
        f"{limit} of your requests are waiting already, the most for one person. "
        "Wait for their answers before you send more.",
        retry_after_s=RETRY_AFTER_S,
    )


def queue_timed_out(waited_s: float) -> QueueTimedOut:
    """Nothing had room for it in all that time."""
    return QueueTimedOut(
        f"The request waited {waited_s:.0f} s, the longest a request may wait, and its turn did not come. "
        "Try again later, or ask for a shorter answer.",
        retry_after_s=LONG_RETRY_AFTER_S,
    )
