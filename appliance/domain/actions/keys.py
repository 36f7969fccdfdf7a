"""What is done to keys: by operators for anybody, by leads in their project, by members for themselves."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Blast, Permission
from appliance.domain.actions.rows import flag, integer, text

_ID: Final = text("id", "Id of the key.", required=True, positional=True)
_PROJECT: Final = text("project", "Only if it is of this project.", most=64)
_PERSON: Final = text("person", "Only if it is of this person.", most=64)
_MOST: Final = 1_000_000_000


def _limits(default: int | None, none: str) -> tuple[Argument, ...]:
    words = {
        "requests_per_minute": "requests a minute",
        "tokens_per_minute": "tokens a minute",
        "requests_per_day": "requests a day (UTC)",
        "running": "requests at the same time",
    }
    return tuple(
        integer(name, f"Most {what} with this key; {none}.", default=default, most=_MOST)
        for name, what in words.items()
    )


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "key",
        "new",
        "Make a key; it is shown once.",
        results.KeyIssued,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS_AND_MEMBERS,
        arguments=(
            text("name", "A label for people.", required=True, positional=True, most=100),
            text("project", "Project id.", default="default"),
            text(
                "person",
                "Whose it is: somebody who belongs to the project; nobody's in particular if left out.",
                most=64,
            ),
            integer("expires_days", "Days until it expires; never if left out.", least=1, most=3650),
            *_limits(0, "no limit of its own if left out"),
            flag("canary", "Lay it out where nobody should look: it never works, and its use is told."),
        ),
    ),
    Action(
        "key",
        "set",
        "Change what one key may have.",
        results.KeyList,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(_ID, _PROJECT, *_limits(None, "0 is no limit of its own")),
    ),
    Action(
        "key",
        "list",
        "All keys, without their secrets.",
        results.KeyList,
        Permission.READ,
        audience=Audience.LEADS_AND_MEMBERS,
        arguments=(
            text("project", "Only this project."),
            text("person", "Only of this person.", most=64),
        ),
    ),
    Action(
        "key",
        "revoke",
        "End a key at once.",
        results.KeyList,
        blast=Blast.DESTROYS,
        audience=Audience.LEADS_AND_MEMBERS,
        arguments=(_ID, _PROJECT, _PERSON),
    ),
)
