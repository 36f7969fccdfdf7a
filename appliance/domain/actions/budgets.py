"""What is done to budgets: limits, requests for more, refunds and corrections."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Blast, Kind, Permission
from appliance.domain.actions.rows import flag, integer, text

_PROJECT: Final = text("project", "Project id.", default="default", most=64)
_AMOUNTS: Final[tuple[Argument, ...]] = (
    Argument("credits", Kind.DECIMAL, "Limit in credits (1 credit = 10^15 FLOP), or `none`.", most=40),
    integer("tokens", "Limit as tokens of prompts and answers, turned into credits.", least=1, most=10**15),
    integer("requests", "Limit as questions, turned into credits.", least=1, most=10**12),
    Argument("gpu_hours", Kind.DECIMAL, "Limit as hours of one GPU, turned into credits.", most=40),
    text(
        "of",
        "The model whose tokens, questions or hours these are; else what the project used most, else the "
        "only model that runs.",
    ),
)
_REASON: Final = text("reason", "Why, in a sentence.", required=True, most=1000)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "budget",
        "set",
        "Limit what a project, each person in it, one person, one key or one model may spend.",
        results.BudgetState,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            _PROJECT,
            text("person", "Only this person in the project.", most=64),
            flag("each_person", "Each person in the project has as much."),
            text("key", "Only this key, by its id.", most=64),
            text("model", "Only what the project spends on this model."),
            text(
                "window",
                "In all, each day (UTC), or in a term; a term where `--starts` and `--ends` are given, else "
                "in all.",
                choices=("total", "day", "term"),
            ),
            text("starts", "First day (UTC) of the term, such as 2026-10-01.", most=10),
            text("ends", "Last day (UTC) of the term.", most=10),
            *_AMOUNTS,
        ),
    ),
    Action(
        "budget",
        "show",
        "A project's limits, spending and holds.",
        results.BudgetState,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(_PROJECT,),
    ),
    Action(
        "budget",
        "remove",
        "End a limit, by the id that `budget show` tells.",
        results.BudgetState,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            text("allocation", "Id of the allocation.", required=True, positional=True, most=64),
            text("project", "Only if it is of this project.", most=64),
        ),
    ),
    Action(
        "budget",
        "request",
        "Ask for more.",
        results.BudgetRequestState,
        audience=Audience.MEMBERS,
        arguments=(
            _PROJECT,
            text("person", "Who asks; whoever runs the command if left out.", most=64),
            Argument("credits", Kind.DECIMAL, "How much more, in credits.", required=True, most=40),
            _REASON,
            text(
                "whose",
                "More for the person or for the whole project; else for whichever limits the person.",
                choices=("person", "project"),
            ),
        ),
    ),
    Action(
        "budget",
        "requests",
        "Requests for more that wait for a decision.",
        results.BudgetRequestList,
        Permission.REVIEW,
        lists=True,
        audience=Audience.LEADS,
        arguments=(
            text("project", "Only those of this project.", most=64),
            flag("all", "Those that were decided too."),
        ),
    ),
    Action(
        "budget",
        "decide",
        "Approve or deny a request for more.",
        results.BudgetRequestState,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            text("id", "Id of the request.", required=True, positional=True, most=64),
            text("project", "Only if it is of this project.", most=64),
            flag("approve", "Give what was asked for, or `--credits`."),
            flag("deny", "Give nothing."),
            Argument("credits", Kind.DECIMAL, "Give this much in place of what was asked for.", most=40),
            text("reason", "Why; whoever asked is told. Needed to deny.", most=1000),
        ),
    ),
    Action(
        "budget",
        "refund",
        "Give back what a request cost, once.",
        results.AdjustmentState,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("request_id", "Id of the request (`x-request-id`).", required=True, positional=True),
            Argument("credits", Kind.DECIMAL, "A part of it; all if left out.", most=40),
            _REASON,
        ),
    ),
    Action(
        "budget",
        "adjust",
        "Let a project spend more, or less, by a correction that stays on record.",
        results.AdjustmentState,
        blast=Blast.REVERSIBLE,
        arguments=(
            _PROJECT,
            text("credits", "How much more, such as 2.5, or less, such as -2.5.", required=True, most=40),
            _REASON,
        ),
    ),
)
