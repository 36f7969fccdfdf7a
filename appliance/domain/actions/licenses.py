"""What is done about licenses of models."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import file, flag, text

_MODEL: Final = text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True)
_PERSON: Final = text(
    "person", "For this person alone: the id of their key, as `carrel key list` shows it.", most=64
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "license",
        "list",
        "Models that want something: a license to be accepted, a grant, a lease.",
        results.LicenseList,
        Permission.READ,
    ),
    Action(
        "license",
        "show",
        "A model's terms in plain words, who accepted them, and what is missing.",
        results.LicenseDetail,
        Permission.READ,
        arguments=(_MODEL, flag("text", "Also the text of the license.")),
    ),
    Action(
        "license",
        "accept",
        "Accept a model's license, for the box or for one person. The act is signed and kept.",
        results.LicenseDetail,
        blast=Blast.REVERSIBLE,
        arguments=(
            _MODEL,
            text(
                "text",
                "The first 12 or more hex digits of the text's SHA-256, from `carrel license show MODEL "
                "--text`. On a terminal it is asked for, and the text shown.",
                most=64,
            ),
            text("who", "Who accepts it.", required=True, most=100),
            text("authority", "By what authority: a role, such as head of the lab.", required=True, most=100),
            text("purpose", "What the model is used for.", required=True, most=500),
            _PERSON,
        ),
    ),
    Action(
        "license",
        "withdraw",
        "Take an acceptance back: the model's requests end, and it stops.",
        results.LicenseDetail,
        blast=Blast.INTERRUPTS,
        arguments=(_MODEL, _PERSON),
    ),
    Action(
        "license",
        "lease",
        "Take in a lease that a registry has signed for this box.",
        results.LeaseList,
        blast=Blast.REVERSIBLE,
        arguments=(file("file", "The signed lease.", required=True, positional=True, most=2**16),),
    ),
    Action(
        "license",
        "leases",
        "Leases of registries, whom the box believes, and the id under which they know it.",
        results.LeaseList,
        Permission.READ,
    ),
)
