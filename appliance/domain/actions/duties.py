"""What is done about what projects owe for their compute."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Audience, Blast, Permission
from appliance.domain.actions.rows import file, flag, integer, text

MOST_ANSWERS: Final = 2**16
"""Characters of a filled-in checklist."""
_PROJECT: Final = text("project", "Project id.", required=True, most=64)
_SIGNED_OFF: Final = ("review", "publication-policy", "extended-review", "external-audit")
_WHAT: Final = (
    text("evidence", "What was done, and where it lies: minutes, a report, an address.", most=1000),
    text("sha256", "SHA-256 of a file that stays with you, as `sha256sum FILE` tells it.", most=64),
    file("answers", "The checklist of `carrel duty checklist`, filled in.", most=MOST_ANSWERS),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "duty",
        "list",
        "What every project owes for its compute, since when, until when, and whom it waits for.",
        results.DutyList,
        Permission.READ,
        arguments=(text("project", "Only this project.", most=64), flag("open", "Only what is not done.")),
    ),
    Action(
        "duty",
        "show",
        "What one project has used, what it owes, and what was done about it, with all answers.",
        results.DutyDetail,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(_PROJECT,),
    ),
    Action(
        "duty",
        "table",
        "From how much compute on a project owes what.",
        results.DutyTableShown,
        Permission.READ,
    ),
    Action(
        "duty",
        "checklist",
        "The checklist of an extended review, as a form to be filled in.",
        results.Checklist,
        Permission.READ,
        audience=Audience.LEADS,
    ),
    Action(
        "duty",
        "submit",
        "Hand in what was done about a duty; a reviewer signs it off.",
        results.DutyDetail,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            _PROJECT,
            text("duty", "Which duty.", required=True, choices=_SIGNED_OFF),
            text("who", "Who has done it, where that is not whoever hands it in.", most=100),
            *_WHAT,
        ),
    ),
    Action(
        "duty",
        "accept",
        "Sign off what was handed in: it counts for a year.",
        results.DutyDetail,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(text("id", "Id of what was handed in.", required=True, positional=True, most=64),),
    ),
    Action(
        "duty",
        "fulfil",
        "Write down a duty as done and sign it off in one step.",
        results.DutyDetail,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(
            _PROJECT,
            text("duty", "Which duty.", required=True, choices=("conduct", "description", *_SIGNED_OFF)),
            text("who", "Who has done it.", required=True, most=100),
            *_WHAT,
        ),
    ),
    Action(
        "duty",
        "withdraw",
        "Take back what was handed in, signed off or recorded as training.",
        results.DutyDetail,
        Permission.REVIEW,
        blast=Blast.INTERRUPTS,
        arguments=(
            text("id", "Its id, as `carrel duty show` tells it.", required=True, positional=True, most=64),
            text("reason", "Why.", required=True, most=500),
        ),
    ),
    Action(
        "duty",
        "training",
        "Record training for a project that the box has not counted itself.",
        results.DutyDetail,
        blast=Blast.REVERSIBLE,
        arguments=(
            _PROJECT,
            text("what", "What was trained, and where.", required=True, most=500),
            integer("gflop", "Its arithmetic, in units of 10^9 FLOP; or `--model`.", least=1, most=2**53),
            text("model", "Model id: the arithmetic follows from its sizes and `--tokens`."),
            integer("tokens", "Tokens that were trained on, all epochs together.", least=1, most=2**53),
            integer("sequence", "Tokens of one sequence.", least=1, most=2**24, default=2048),
            integer("adapter", "Weights of low-rank matrices beside a frozen model.", least=1, most=2**40),
            flag("checkpointing", "The forward pass was made twice, to save memory."),
        ),
    ),
)
