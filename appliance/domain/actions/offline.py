"""The one switch that keeps the box from asking anybody outside."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "offline",
        "on",
        "Ask nobody outside from now on, whatever else is set.",
        results.OfflineState,
        blast=Blast.INTERRUPTS,
    ),
    Action(
        "offline",
        "off",
        "Ask outside again; what waits goes out by itself.",
        results.OfflineState,
        blast=Blast.REVERSIBLE,
    ),
    Action(
        "offline",
        "show",
        "Whether the box is offline, why, and what waits for the network.",
        results.OfflineState,
        Permission.READ,
    ),
)
