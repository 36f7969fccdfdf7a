"""What a student is told whose seat, or whose course, has nothing left to spend. Pure."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.allocation import Scope

SEAT_SPENT: Final = "Your tokens in this class are used up. Ask your teacher for more."
SEAT_SHORT: Final = (
    "What is left of your tokens in this class does not cover so long an answer. Ask for a smaller "
    "max_tokens, wait for what runs to end, or ask your teacher for more."
)
COURSE_SPENT: Final = "The course has used up what it may spend. Tell your teacher."
COURSE_SHORT: Final = (
    "What the course may still spend does not cover so long an answer. Ask for a smaller max_tokens, or tell "
    "your teacher."
)
_OF_SEAT: Final = frozenset({SEAT_SPENT, SEAT_SHORT})


def spent_words(details: Mapping[str, object]) -> str:
    """From what the ledger's refusal says of the account that is empty."""
    budget = details.get("budget")
    told: Mapping[str, object] = budget if isinstance(budget, dict) else {}
    short = told.get("left_micro") != 0
    if told.get("scope") in {Scope.KEY.value, Scope.PERSON.value}:
        return SEAT_SHORT if short else SEAT_SPENT
    return COURSE_SHORT if short else COURSE_SPENT


def is_of_seat(message: str) -> bool:
    """Whether more tokens for the seat would help."""
    return message in _OF_SEAT
