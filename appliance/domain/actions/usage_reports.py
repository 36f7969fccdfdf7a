"""What is done about the reports of use that the box sends to its registry."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import flag, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "fed",
        "preview",
        "What leaves with the next sync: the very bytes.",
        results.FedPreview,
        Permission.READ,
        long=True,
        arguments=(flag("today", "Also what a report of today would be so far; it is not sent by that."),),
    ),
    Action(
        "fed",
        "report",
        "Report the box's use to its registry, or not.",
        results.FedReporting,
        blast=Blast.REVERSIBLE,
        arguments=(text("switch", "on or off.", required=True, positional=True, choices=("on", "off")),),
    ),
    Action(
        "fed",
        "usage",
        "The records of use that were reported, and those that are still open, as lines for others.",
        results.FedUsage,
        Permission.READ,
        long=True,
        arguments=(
            text("since", "First day (UTC), such as 2026-10-01; 30 days ago if left out.", most=10),
            text("until", "Last day (UTC), such as 2027-02-28; today if left out.", most=10),
            text(
                "format",
                "For a spreadsheet, or as usage records of ACCESS AMIE.",
                default="csv",
                choices=("csv", "amie"),
            ),
        ),
    ),
    Action(
        "fed",
        "checks",
        "Rows of reports that the registry asks to be shown, and how that was decided.",
        results.FedChecks,
        Permission.READ,
    ),
    Action(
        "fed",
        "check",
        "Show the registry the rows that it asks for, or refuse.",
        results.FedChecks,
        long=True,
        arguments=(
            text(
                "id",
                "The request, as `carrel fed checks` shows it.",
                required=True,
                positional=True,
                most=128,
            ),
            flag("approve", "Show them: without prompts, persons and keys."),
            text("refuse", "Do not, and tell the registry why.", most=300),
        ),
    ),
)
