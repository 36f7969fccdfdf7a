"""What is done to projects, keys and budgets, and the sums of what was used."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import text

_PROJECT: Final = text("project", "Project id.", default="default")

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "",
        "usage",
        "What was used, summed.",
        results.UsageReport,
        Permission.READ,
        arguments=(
            text("project", "Only this project."),
            Argument("days", Kind.INTEGER, "How many days back.", default=30, least=1, most=3650),
            text("by", "What to sum by.", default="model", choices=("model", "project", "key", "day")),
        ),
    ),
    Action(
        "project",
        "new",
        "Create a project.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("project", "Id: a-z, 0-9, dot, dash, underscore.", required=True, positional=True, most=64),
            text("title", "Its name for people."),
        ),
    ),
    Action(
        "project",
        "set",
        "Change a project's share of busy models, and whether its members share prefixes.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("project", "Project id.", required=True, positional=True, most=64),
            Argument(
                "weight",
                Kind.INTEGER,
                "Its share relative to other projects; 2 gets twice as much as 1.",
                least=1,
                most=1000,
            ),
            text(
                "share_prefixes",
                "Compute a beginning that members' prompts have in common once; then members can tell "
                "by the time to the first token that someone sent the same beginning before.",
                choices=("yes", "no"),
            ),
        ),
    ),
    Action("project", "list", "All projects.", results.ProjectList, Permission.READ),
    Action(
        "key",
        "new",
        "Make a key; it is shown once.",
        results.KeyIssued,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("name", "A label for people.", required=True, positional=True, most=100),
            _PROJECT,
            Argument(
                "expires_days", Kind.INTEGER, "Days until it expires; never if left out.", least=1, most=3650
            ),
        ),
    ),
    Action(
        "key",
        "list",
        "All keys, without their secrets.",
        results.KeyList,
        Permission.READ,
        arguments=(text("project", "Only this project."),),
    ),
    Action(
        "key",
        "revoke",
        "End a key at once.",
        results.KeyList,
        blast=Blast.DESTROYS,
        arguments=(text("id", "Id of the key.", required=True, positional=True),),
    ),
    Action(
        "budget",
        "set",
        "Limit what a project may spend.",
        results.BudgetState,
        blast=Blast.REVERSIBLE,
        arguments=(
            _PROJECT,
            Argument(
                "credits",
                Kind.DECIMAL,
                "Limit in credits (1 credit = 10^15 FLOP), or `none`.",
                required=True,
                most=40,
            ),
        ),
    ),
    Action(
        "budget",
        "show",
        "A project's limit, spending and holds.",
        results.BudgetState,
        Permission.READ,
        arguments=(_PROJECT,),
    ),
)
