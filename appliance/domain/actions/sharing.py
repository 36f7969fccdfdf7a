"""What is done about models that labs give each other: their weights, or access to them where they are."""

from typing import Final

from appliance.domain import results
from appliance.domain.access import TIERS
from appliance.domain.action import Action, Blast, Permission, Place
from appliance.domain.actions.rows import flag, integer, text

_PATH_LENGTH: Final = 4096
_MODEL: Final = text(
    "model", "Id of the recipe, as `carrel recipe list` shows it.", required=True, positional=True
)
_AT: Final = text(
    "at",
    "The folder in which your organization signs; the one beside carrel.toml if left out.",
    most=_PATH_LENGTH,
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "share",
        "init",
        "Make the folder in which your organization signs for its models, with its key.",
        results.CatalogFounded,
        place=Place.LOCAL,
        arguments=(_AT, flag("passphrase", "Encrypt the key; asked for at each signature.")),
    ),
    Action(
        "share",
        "check",
        "Look whether the weights of a model can be given to others: its license, its files byte by byte.",
        results.ShareChecked,
        long=True,
        arguments=(_MODEL,),
    ),
    Action(
        "share",
        "weights",
        "Give the weights of this lab's model to other labs: check it, sign for it, tell the registry.",
        results.ShareSent,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            _MODEL,
            text(
                "record", "File with its record of benefit and harm (TOML).", required=True, most=_PATH_LENGTH
            ),
            text(
                "address",
                "Address under which other labs reach this box, such as https://BOX:7411.",
                most=500,
            ),
            text(
                "source",
                "Further places of its files, with commas, such as hub:OWNER/NAME@COMMIT.",
                most=4000,
            ),
            text("tier", "Who may use it; as in its recipe if left out.", choices=TIERS),
            flag("lease", "Boxes need a lease of the registry for it."),
            text(
                "license_text",
                "File with its license's text, where Carrel does not have it.",
                most=_PATH_LENGTH,
            ),
            _AT,
        ),
    ),
    Action(
        "share",
        "withdraw",
        "Share a model no more: it leaves your organization's list, and no box can fetch it here.",
        results.ShareSent,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(_MODEL, _AT),
    ),
    Action(
        "share",
        "send",
        "Send your organization's signed list to the registry; the other commands do so by themselves.",
        results.ShareSent,
        blast=Blast.REVERSIBLE,
        arguments=(_AT,),
    ),
    Action(
        "share",
        "list",
        "What this lab shares, and how it stands with the registry.",
        results.ShareList,
        Permission.READ,
    ),
    Action(
        "share",
        "show",
        "One model that is shared: its record, its terms, and who fetched it.",
        results.ShareDetail,
        Permission.READ,
        arguments=(text("model", "Its id, here or as others know it.", required=True, positional=True),),
    ),
)

STATEMENTS: Final[tuple[Action, ...]] = (
    Action(
        "statement",
        "received",
        "What other boxes used of your organization's models, as the registry has signed it.",
        results.ReceivedStatements,
        Permission.READ,
        arguments=(
            text("month", "Only this month, such as 2026-10.", positional=True, most=7),
            integer("limit", "How many at most, newest first.", default=12, least=1, most=1000),
        ),
    ),
)
"""Beside those of the box's own ledger."""
