"""What is done about licenses of models, and about who may use which model."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import flag, integer, text

_MODEL: Final = text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True)
_PERSON: Final = text(
    "person", "For this person alone: the id of their key, as `carrel key list` shows it.", most=64
)
_PROJECT: Final = text("project", "Project id.", required=True, most=64)

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
        "access",
        "grant",
        "Let a project use a model of tier approved or restricted.",
        results.GrantList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _MODEL,
            _PROJECT,
            integer(
                "days", "Days until it runs out; until it is taken back if not given.", least=1, most=3650
            ),
        ),
    ),
    Action(
        "access",
        "revoke",
        "Take a grant back: the project's requests to that model end.",
        results.GrantList,
        blast=Blast.INTERRUPTS,
        arguments=(_MODEL, _PROJECT),
    ),
    Action(
        "access",
        "list",
        "Which project may use which model.",
        results.GrantList,
        Permission.READ,
        arguments=(text("project", "Only this project.", most=64),),
    ),
)
