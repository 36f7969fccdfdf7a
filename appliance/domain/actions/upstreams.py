"""What is done about the hosts of models elsewhere."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Place
from appliance.domain.actions.rows import flag, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "upstream",
        "key",
        "Store the key that a host of models elsewhere wants; it is asked for, or read from a pipe.",
        results.UpstreamKey,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("name", "The key's name, as recipes name it.", required=True, positional=True, most=64),
            flag("forget", "Remove it instead."),
        ),
    ),
)
