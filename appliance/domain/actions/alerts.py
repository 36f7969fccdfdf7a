"""What is done about alerts."""

from typing import Final

from appliance.domain.action import Action, Permission
from appliance.domain.actions.rows import integer
from appliance.domain.results import alerts as results

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "alert",
        "list",
        "What this box told who runs it, and whether it arrived.",
        results.AlertList,
        Permission.READ,
        arguments=(integer("limit", "How many at most.", default=50, least=1, most=1000),),
    ),
    Action("alert", "test", "Send a test alert on every way, and say what came of it.", results.AlertTest),
)
