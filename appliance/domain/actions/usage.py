"""The sums of what was used, and statements of them."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Permission
from appliance.domain.actions.rows import flag, integer, text

_TIME: Final[tuple[Argument, ...]] = (
    text("since", "First day (UTC), such as 2026-10-01; 30 days ago if left out.", most=10),
    text("until", "Last day (UTC), such as 2027-02-28; today if left out.", most=10),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "",
        "usage",
        "What was used, summed.",
        results.UsageReport,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(
            text("project", "Only this project."),
            integer("days", "How many days back.", default=30, least=1, most=3650),
            text(
                "by",
                "What to sum by.",
                default="model",
                choices=("model", "project", "person", "key", "day", "hour"),
            ),
            flag("csv", "As CSV on standard output, for a spreadsheet."),
        ),
    ),
    Action(
        "statement",
        "project",
        "What a project used in a time: by model, person and day, with what was refunded and given.",
        results.ProjectStatement,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(text("project", "Project id.", default="default", most=64), *_TIME),
    ),
    Action(
        "statement",
        "owner",
        "What the models of each owner were used for in a time, without names; few users are not told.",
        results.OwnerStatements,
        Permission.READ,
        arguments=(text("owner", "Only this owner, such as org/NAME; every one if left out."), *_TIME),
    ),
)
