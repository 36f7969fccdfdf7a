"""What is done to batches, the overnight work of people."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "batch",
        "list",
        "Overnight work of everybody: whose it is, and how far.",
        results.BatchList,
        Permission.READ,
    ),
    Action(
        "batch",
        "cancel",
        "Begin no more lines of a batch; what was answered stays.",
        results.BatchSummary,
        blast=Blast.INTERRUPTS,
        arguments=(
            text("batch", "Its id, as `carrel batch list` shows it.", required=True, positional=True),
        ),
    ),
)
