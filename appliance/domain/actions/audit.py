"""What is done with the record of who did what."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Permission
from appliance.domain.actions.rows import file, flag, integer, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "audit",
        "list",
        "Who did what, newest first.",
        results.AuditList,
        Permission.READ,
        arguments=(
            text("action", "Only this action, such as key.revoke.", most=64),
            text("who", "Only by them, such as `uid 0` or a person's id.", most=64),
            text("since", "Only from this day on, such as 2027-02-28 (UTC).", most=10),
            integer("limit", "At most so many.", default=50, least=1, most=10_000),
        ),
    ),
    Action(
        "audit",
        "verify",
        "Read the whole log again and name the first row that is not as it was written.",
        results.AuditVerification,
        Permission.READ,
        long=True,
        arguments=(
            file("head", "File with a head that `audit head` printed earlier, one or several.", most=200_000),
        ),
    ),
    Action(
        "audit",
        "head",
        "Where the log stands, signed by the box: keep it somewhere else.",
        results.AuditHeadShown,
        Permission.READ,
    ),
    Action(
        "audit",
        "export",
        "The whole log as lines of JSON, or as a table for spreadsheets.",
        results.AuditExport,
        Permission.READ,
        arguments=(
            integer("after", "Only what comes behind this row.", most=2**53),
            integer("limit", "At most so many rows.", default=10_000, least=1, most=10_000),
            flag("csv", "As CSV, without hashes."),
        ),
    ),
)
