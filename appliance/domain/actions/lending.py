"""What is done about models that labs lend each other: hosted by one, asked by others."""

from typing import Final

from appliance.domain.access import TIERS
from appliance.domain.action import Action, Argument, Blast, Kind, Permission, Place
from appliance.domain.actions.rows import file, flag, integer, text
from appliance.domain.results import peers as results
from appliance.domain.results.sharing import ShareSent

_RECORD_LENGTH: Final = 32 * 1024
_HOSTED: Final = text("model", "Id of a model that runs here.", required=True, positional=True, most=97)
_ELSEWHERE: Final = text(
    "model", "Id of a model that another lab hosts.", required=True, positional=True, most=97
)
_ID: Final = text(
    "id", "Id of a request, as `carrel share requests` shows it.", required=True, positional=True, most=64
)
_PER_DAY: Final = {"most": 10_000_000}
_OFFER: Final = (
    file("record", "File with its record of benefit and harm (TOML).", required=True, most=_RECORD_LENGTH),
    text(
        "address",
        "Address under which other boxes reach this one, such as https://BOX:7411.",
        required=True,
        most=500,
    ),
    text("tier", "Who may use it, on every box; as in its recipe if left out.", choices=TIERS),
    file("restrictions", "File with what restricts its use, on every box (TOML).", most=_RECORD_LENGTH),
    Argument(
        "prompt_credits",
        Kind.DECIMAL,
        "What a million tokens of prompts cost; by their arithmetic if left out.",
        most=40,
    ),
    Argument("answer_credits", Kind.DECIMAL, "What a million tokens of answers cost.", most=40),
)
_REASON: Final = text("reason", "Why, in a sentence; the other lab reads it.", required=True, most=500)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "share",
        "access",
        "Let other labs ask a model that this box hosts: sign for it, tell the registry. No file leaves.",
        ShareSent,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            _HOSTED,
            *_OFFER,
            text("license_text", "File with its license's text, where Carrel does not have it.", most=4096),
            text(
                "at",
                "The folder in which your organization signs; the one beside carrel.toml if left out.",
                most=4096,
            ),
        ),
    ),
    Action(
        "share",
        "entry",
        "The recipe under which other labs would ask a model of this box; `share access` signs it.",
        results.AccessEntry,
        arguments=(_HOSTED, *_OFFER),
    ),
    Action(
        "share",
        "request",
        "Ask another lab to let this box use a model that it hosts.",
        results.BorrowedList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ELSEWHERE,
            text("purpose", "What for, in a few sentences; its owner reads it.", most=2000),
            text("project", "In its place: a project here that says what it does.", most=64),
            text("contact", "Whom its owner can ask.", most=200),
            integer("requests_per_day", "About how many requests a day.", **_PER_DAY),
            integer("days", "For how many days.", least=1, most=3650),
        ),
    ),
    Action(
        "share",
        "borrowed",
        "Models that other labs host and this box has asked for, and why one cannot be used.",
        results.BorrowedList,
        Permission.READ,
    ),
    Action(
        "share",
        "return",
        "Give the access to a model back: its key is removed here, and its owner is told.",
        results.BorrowedList,
        blast=Blast.INTERRUPTS,
        arguments=(_ELSEWHERE, _REASON),
    ),
    Action(
        "share",
        "requests",
        "Boxes of other labs that ask to use a model of this one.",
        results.PeerList,
        Permission.READ,
        arguments=(flag("all", "Also those that were decided."),),
    ),
    Action(
        "share",
        "decide",
        "Let another lab's box use a model here, with a budget and a key of its own, or not.",
        results.PeerList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ID,
            flag("grant", "Yes. Given again, it sends a new key, and the one before ends."),
            flag("deny", "No; say why with --reason."),
            text("reason", "Why not; the other lab reads it.", most=500),
            Argument(
                "credits", Kind.DECIMAL, "Most that it may spend here in all, or none for no limit.", most=40
            ),
            integer("requests_per_day", "Most requests a day.", **_PER_DAY),
            integer("days", "For how many days; as it asked if left out.", least=1, most=3650),
            text("conditions", "What it has to keep to, told with the key.", most=500),
        ),
    ),
    Action(
        "share",
        "revoke",
        "Take an access back: the key of the other lab's box ends at once, and what it runs.",
        results.PeerList,
        blast=Blast.INTERRUPTS,
        arguments=(_ID, _REASON),
    ),
    Action(
        "share",
        "peers",
        "Boxes of other labs that use models here: what of it they used, and what is left.",
        results.PeerList,
        Permission.READ,
    ),
)
