"""What is done to batches, the overnight work of people."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import text

_BATCH: Final = text("batch", "Its id, as `carrel batch list` shows it.", required=True, positional=True)

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
        "pause",
        "Begin no more lines of a batch for now; it ends later by as long.",
        results.BatchSummary,
        blast=Blast.REVERSIBLE,
        arguments=(_BATCH,),
    ),
    Action(
        "batch",
        "resume",
        "Go on with a batch that was paused.",
        results.BatchSummary,
        blast=Blast.REVERSIBLE,
        arguments=(_BATCH,),
    ),
    Action(
        "batch",
        "cancel",
        "Begin no more lines of a batch; what was answered stays.",
        results.BatchSummary,
        blast=Blast.INTERRUPTS,
        arguments=(_BATCH,),
    ),
)
