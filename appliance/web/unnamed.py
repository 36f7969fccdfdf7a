"""Errors of a vote: told without saying which model it was."""

from typing import Final

from appliance.errors import (
    BudgetExhausted,
    CarrelError,
    NotReady,
    PersonLimitReached,
    QueueFull,
    RateLimited,
)
from appliance.policy.classes.admitting import RULE

_TOLD: Final = (BudgetExhausted, PersonLimitReached, QueueFull, RateLimited)
"""They are about whoever asks."""


def unnamed(error: CarrelError, model: str) -> CarrelError:
    """The error itself where it names no model, else one that says as much as may be known."""
    rule = error.details.get("rule")
    of_the_class = isinstance(rule, dict) and rule.get("name") == RULE
    if (isinstance(error, _TOLD) or of_the_class) and model.partition("@")[0] not in error.message:
        return error
    return NotReady("This answer cannot be given now. Try once more, then tell your teacher.")
