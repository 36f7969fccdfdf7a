"""What is done to the settings."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission, Place
from appliance.domain.actions.rows import text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "config",
        "get",
        "One setting, or all of them.",
        results.Configuration,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(text("key", "Name of the setting.", positional=True),),
    ),
    Action(
        "config",
        "set",
        "Write a setting to the configuration file.",
        results.Configuration,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("key", "Name of the setting.", required=True, positional=True),
            text("value", "Its new value.", required=True, positional=True, most=4096),
        ),
    ),
    Action(
        "config",
        "explain",
        "Where the value of a setting comes from.",
        results.Configuration,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(text("key", "Name of the setting.", required=True, positional=True),),
    ),
)
