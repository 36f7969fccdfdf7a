"""What is done about privacy: telling what is kept, ending it, exporting and erasing people."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Audience, Blast, Permission
from appliance.domain.actions.rows import text

_PERSON: Final = text(
    "person",
    "Id of the person, or of a key that is of nobody in particular.",
    required=True,
    positional=True,
    most=64,
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "policy",
        "show",
        "What this box keeps of what people send, for how long, who looks, and what leaves it.",
        results.PolicyShown,
        Permission.READ,
    ),
    Action(
        "retention",
        "show",
        "How long each kind of record is kept.",
        results.RetentionRules,
        Permission.READ,
    ),
    Action(
        "retention",
        "run",
        "Delete now what was kept long enough; the box does it once a day by itself.",
        results.RetentionRun,
        blast=Blast.DESTROYS,
        long=True,
    ),
    Action(
        "person",
        "export",
        "Everything that the box keeps about a person.",
        results.PersonExport,
        Permission.REVIEW,
        audience=Audience.MEMBERS,
        arguments=(_PERSON,),
    ),
    Action(
        "person",
        "erase",
        "Erase a person: name, address and keys go, sums stay without them. It cannot be undone.",
        results.PersonErased,
        blast=Blast.DESTROYS,
        arguments=(_PERSON,),
    ),
)
