"""What waits for somebody."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Permission

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "",
        "inbox",
        "What waits for somebody, the most urgent first, each with the command that decides it.",
        results.Inbox,
        Permission.READ,
    ),
)
