"""What is done about the registry that the box belongs to."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import flag, text

_PATH_LENGTH: Final = 4096
_ID: Final = text("id", "The message, as `carrel fed status` shows it.", required=True, positional=True)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "fed",
        "enroll",
        "Let the box belong to a registry, with the one-time code that its keeper gave you.",
        results.FedEnrolled,
        blast=Blast.REVERSIBLE,
        long=True,
        arguments=(
            text("code", "The code, or the file that holds it.", required=True, positional=True, most=4096),
            text("name", "How the box is called there.", most=80),
            text("replaces", "The id of the lost box that this one stands in for.", most=43),
            text(
                "request",
                "Write a file for the registry in place of asking it; the whole path of a file or folder.",
                most=_PATH_LENGTH,
            ),
        ),
    ),
    Action(
        "fed",
        "status",
        "Where the box belongs, how the last sync went, and what waits.",
        results.FedStatus,
        Permission.READ,
    ),
    Action(
        "fed",
        "sync",
        "Send what waits and fetch what is new, now.",
        results.FedSynced,
        long=True,
        arguments=(flag("today", "Report today too, as far as it has come."),),
    ),
    Action(
        "fed",
        "export",
        "Write what waits into a file, for a box without a network.",
        results.FedExported,
        long=True,
        arguments=(
            text(
                "to",
                "The whole path of the file, or of a folder such as a stick.",
                required=True,
                positional=True,
                most=_PATH_LENGTH,
            ),
            flag("today", "Report today too, as far as it has come."),
        ),
    ),
    Action(
        "fed",
        "import",
        "Take in the file that the registry made in return.",
        results.FedSynced,
        long=True,
        arguments=(
            text(
                "file",
                "The whole path of the file, or of the folder that holds it.",
                required=True,
                positional=True,
                most=_PATH_LENGTH,
            ),
        ),
    ),
    Action(
        "fed",
        "rotate",
        "Give the box a new key towards its registry.",
        results.FedRotated,
        blast=Blast.REVERSIBLE,
    ),
    Action(
        "fed",
        "leave",
        "Belong to no registry any more.",
        results.FedLeft,
        blast=Blast.DESTROYS,
    ),
    Action(
        "fed",
        "lease",
        "Want a lease of a model; the next sync asks the registry for it.",
        results.LeaseList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True),
            text("until", "The last day (UTC) on which a course needs it, such as 2027-02-28.", most=10),
            text("project", "The project that needs it, by its id.", most=64),
        ),
    ),
    Action(
        "fed",
        "notices",
        "What the registry has to say to you.",
        results.FedNotices,
        Permission.READ,
    ),
    Action(
        "fed",
        "resend",
        "Send a message again that the registry refused.",
        results.FedMessage,
        arguments=(_ID,),
    ),
    Action(
        "fed",
        "drop",
        "Give up a message that the registry refused.",
        results.FedMessage,
        blast=Blast.DESTROYS,
        arguments=(_ID,),
    ),
)
