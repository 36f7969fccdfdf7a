"""How a seat fares, in one word, and which verb of a class helps it. Pure."""

from dataclasses import dataclass
from typing import Final

from appliance.domain.classes import SeatState, SeatTrouble
from appliance.errors import BudgetExhausted, NotAuthenticated, PersonLimitReached, RateLimited
from appliance.policy.classes.budget_words import is_of_seat

LATELY_MS: Final = 60_000
"""So long something that is over still says how a seat fares."""
_LIMITS: Final = frozenset({BudgetExhausted.code, RateLimited.code, PersonLimitReached.code})


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """Of one moment. ``answered_ms`` is when it last had a whole answer; ``spent``: its own limit is used
    up.
    """

    taken: bool
    running: int
    waiting: int
    answered_ms: int | None
    trouble: SeatTrouble | None
    spent: bool


def seat_state(facts: SeatFacts, now_ms: int) -> SeatState:
    """What lasts comes first; an error counts until something else happened, or for a minute if it was a
    limit.
    """
    if not facts.taken:
        return "free"
    trouble = _last_word(facts)
    limited = trouble is not None and trouble.code in _LIMITS
    if facts.spent or (limited and trouble is not None and now_ms - trouble.at_ms <= LATELY_MS):
        return "limit"
    if facts.waiting:
        return "waits"
    if trouble is not None and not limited and not facts.running:
        return "error"
    recent = facts.answered_ms is not None and now_ms - facts.answered_ms <= LATELY_MS
    return "ok" if facts.running or recent else "idle"


def mend(facts: SeatFacts) -> str:
    """The verb that helps: ``top-up``, ``reissue``, or none."""
    trouble = _last_word(facts)
    if facts.spent or (trouble is not None and is_of_seat(trouble.message)):
        return "top-up"
    return "reissue" if trouble is not None and trouble.code == NotAuthenticated.code else ""


def _last_word(facts: SeatFacts) -> SeatTrouble | None:
    """The last error, if no whole answer came after it."""
    trouble = facts.trouble
    if trouble is None or (facts.answered_ms is not None and facts.answered_ms > trouble.at_ms):
        return None
    return trouble
