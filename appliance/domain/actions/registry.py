"""What those do who keep a registry: in its folder, on its own machine, beside its process or without."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Place
from appliance.domain.actions.rows import flag, integer, text

_PATH_LENGTH: Final = 4096


def _path(name: str, help: str, **more: object) -> Argument:
    return text(name, help, most=_PATH_LENGTH, **more)


_AT: Final = _path("at", "Folder of the registry; `registry` beside carrel.toml if left out.")
_BOX: Final = text(
    "box", "The box: its id, the beginning of it, or its name.", required=True, positional=True
)
_REASON: Final = text("reason", "Why, for the operator of the box.", required=True, most=250)
_DAY: Final = "such as 2027-02-28 (UTC)"


def _row(noun: str, verb: str, summary: str, result: type, *arguments: Argument, **more: object) -> Action:
    return Action(
        noun,
        verb,
        summary,
        result,
        place=Place.LOCAL,
        arguments=(*arguments, _AT),
        **more,  # type: ignore[arg-type]
    )


_RUNNING: Final = (
    _row(
        "registry",
        "init",
        "Make a registry: its settings, its keys, an empty catalog.",
        results.RegistryFounded,
        text("name", "Its name, under which boxes trust its catalog.", required=True, most=32),
        text("address", "Where boxes reach it, such as https://registry.example.", required=True, most=500),
        text("institution", "Who keeps it, in words.", most=300),
        text("database", "URL of a PostgreSQL database; a file of SQLite if left out.", most=1000),
        text("host", "Address to listen on.", default="127.0.0.1", most=253),
        integer("port", "Port to listen on.", default=7412, least=1, most=65_535),
        _path("tls_cert", "Certificate file, if it speaks TLS itself."),
        _path("tls_key", "Key file of the certificate."),
        flag("behind_proxy", "A web server in front of it speaks TLS."),
        flag("plain_http", "No TLS at all: on this machine or a private network only."),
        text("page", "Who reads its page.", default="token", choices=("open", "token", "off")),
        integer("keys", "How many keys the root of its catalog has.", default=1, least=1, most=9),
        integer("threshold", "How many of them must sign a new root.", default=1, least=1, most=9),
        flag("passphrase", "Encrypt the keys of root and list."),
    ),
    _row("registry", "serve", "Answer boxes, in this process.", results.Stopped),
    _row(
        "registry",
        "publish",
        "Copy what was signed to where boxes fetch it.",
        results.RegistryPublished,
        _path("signing", "The signing folder, if it is not in the registry's."),
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry",
        "exchange",
        "Take in the file that a box exported, and write the answer for its stick.",
        results.RegistryExchanged,
        _path("file", "The file from the box.", required=True, positional=True),
        _path("out", "File to write for the box.", required=True),
    ),
    _row("registry", "audit", "What was done to the registry, and by whom.", results.RegistryActs,
         integer("most", "How many rows.", default=100, least=1, most=10_000)),
)  # fmt: skip

_BOXES: Final = (
    _row(
        "registry",
        "code",
        "Make a code that lets one box in, once.",
        results.RegistryCode,
        text("institution", "Whose box it is.", required=True, most=300),
        text("organization", "Name under which its lab may list models of its own.", most=32),
        integer("days", "How long the code is good.", default=1, least=1, most=30),
        _path("out", "Write it to this file too, for a stick."),
    ),
    _row("registry", "boxes", "The boxes that were let in, and how they stand.", results.RegistryBoxes),
    _row(
        "registry box",
        "suspend",
        "Suspend a box and its leases.",
        results.RegistryBoxChanged,
        _BOX,
        _REASON,
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry box",
        "resume",
        "End the suspension of a box.",
        results.RegistryBoxChanged,
        _BOX,
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry box",
        "link",
        "Note that a box stands for one that was lost, which is suspended.",
        results.RegistryBoxChanged,
        _BOX,
        text("replaces", "The lost box.", required=True, most=128),
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry",
        "notice",
        "Send plain words to the operator of a box, or of all.",
        results.RegistryTold,
        text("box", "The box, or `all`.", required=True, positional=True),
        text("words", "The words.", required=True, positional=True, most=500),
    ),
    _row("registry", "time", "Tell a box what time it is, whatever it believes.", results.RegistryTold, _BOX),
)

_LEASES: Final = (
    _row(
        "registry lease",
        "list",
        "Leases that have not lapsed.",
        results.RegistryLeases,
        text("box", "Only of this box.", most=128),
        text("model", "Only of this model.", most=80),
    ),
    _row(
        "registry lease",
        "issue",
        "Give a box a lease, whatever the rules for the model say.",
        results.RegistryLeaseIssued,
        _BOX,
        text("model", "Model id.", required=True, positional=True, most=80),
        integer("days", "How long it lasts.", default=30, least=1, most=400),
        integer("grace_days", "How long what is installed is served after it.", default=14, most=366),
        text("reason", "Why, for the registry's own audit.", most=250),
    ),
    *(
        _row(
            "registry lease",
            verb,
            summary,
            results.RegistryLeaseChanged,
            text("lease", "Id of a lease, or the box.", required=True, positional=True),
            text("model", "Model id, where the first is a box.", positional=True, most=80),
            *([_REASON] if verb != "resume" else []),
            blast=Blast.DESTROYS if verb == "revoke" else Blast.REVERSIBLE,
        )
        for verb, summary in (
            ("revoke", "Take back a box's right to a model; it stops at the box's next sync."),
            ("suspend", "Suspend a box's right to a model until it is resumed."),
            ("resume", "End the suspension of a right."),
        )
    ),
    _row(
        "registry lease",
        "policy",
        "What leases of a model are like; with options, what they are like from now on.",
        results.RegistryPolicies,
        text("model", "Model id, or * for all without a policy.", positional=True, most=80),
        integer("days", "How long a lease lasts.", least=1, most=400),
        integer("grace_days", "How long what is installed is served after it.", most=366),
        integer("term_days", "The most that a lease for a course lasts; 0: there are none.", most=400),
        integer("term_grace_days", "Days of grace after such a lease.", most=366),
        text("needs_agreement", "Whether the institution needs an agreement.", choices=("yes", "no")),
        text("needs_application", "Whether an application must be countersigned.", choices=("yes", "no")),
        text("terms_sha256", "The license text that must have been accepted; `none` for none.", most=64),
        text("countersign", "Who decides on applications.", choices=("person", "at-once")),
        flag("restricted", "Begin with what fits a restricted model: 3 days of grace, an application."),
        blast=Blast.REVERSIBLE,
    ),
)

_PAPERS: Final = (
    _row(
        "registry agreement",
        "add",
        "Note an agreement: boxes of an institution may lease a model.",
        results.RegistryAgreements,
        text("institution", "Its name, as codes were made for it.", required=True, positional=True, most=300),
        text("model", "Model id; * for every one.", default="*", most=80),
        text("until", f"Last day, {_DAY}.", required=True, most=10),
        text("note", "Where the paper is, or what it says.", most=300),
    ),
    _row("registry agreement", "list", "The agreements with institutions.", results.RegistryAgreements),
    _row(
        "registry agreement",
        "end",
        "End an agreement before its time; leases that were made stay.",
        results.RegistryAgreements,
        text("id", "Id of the agreement.", required=True, positional=True),
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry application",
        "list",
        "Applications that boxes sent to be countersigned.",
        results.RegistryApplications,
        text("state", "Only these.", choices=("waiting", "countersigned", "denied")),
    ),
    _row(
        "registry application",
        "show",
        "One application, as it was sent.",
        results.RegistryApplication,
        text("id", "Id of the application.", required=True, positional=True),
    ),
    _row(
        "registry application",
        "decide",
        "Countersign an application, or deny it.",
        results.RegistryApplication,
        text("id", "Id of the application.", required=True, positional=True),
        text("decision", "Which.", required=True, positional=True, choices=("countersign", "deny")),
        text("until", f"Last day, {_DAY}; if left out as long as was asked for, at most a year.", most=10),
        text("reason", "Why not.", most=300),
        blast=Blast.REVERSIBLE,
    ),
)

_COUNTING: Final = (
    _row(
        "registry",
        "usage",
        "What boxes reported, summed.",
        results.RegistryUsage,
        text("by", "What to sum by.", default="institution", choices=("institution", "model", "day", "box")),
        text("since", f"First day, {_DAY}; 30 days ago if left out.", most=10),
        text("until", f"Last day, {_DAY}; today if left out.", most=10),
        flag("csv", "As CSV on standard output, for a spreadsheet."),
    ),
    _row(
        "registry budget",
        "set",
        "Say how much a box may compute, and tell it.",
        results.RegistryBudgets,
        _BOX,
        Argument("credits", Kind.DECIMAL, "How many credits.", required=True, most=20),
        text("since", f"First day, {_DAY}; today if left out.", most=10),
        text("until", f"Last day, {_DAY}.", required=True, most=10),
    ),
    _row(
        "registry budget",
        "show",
        "Budgets of boxes, and what was reported of them.",
        results.RegistryBudgets,
        text("box", "Only of this box.", positional=True),
    ),
    _row(
        "registry",
        "check",
        "Ask a box to show rows of a day that it has reported; its operator decides.",
        results.RegistryChecks,
        _BOX,
        text("day", f"Of which day, {_DAY}; the newest if left out.", most=10),
        integer("leaves", "How many rows, chosen by chance.", default=5, least=1, most=64),
        text("reason", "Why, for the operator of the box.", default="A routine check.", most=250),
    ),
    _row("registry", "checks", "What boxes were asked to show, and what came of it.", results.RegistryChecks),
    _row(
        "registry",
        "statement",
        "Tell organizations what other boxes used of their models in a month; few people are not told.",
        results.RegistryStatements,
        text("month", "Which month, such as 2026-10.", required=True, most=7),
        text("organization", "Only this one.", most=32),
        blast=Blast.REVERSIBLE,
    ),
    _row(
        "registry",
        "marks",
        "What somebody should look at: forks, new epochs, catalogs that differ.",
        results.RegistryMarks,
        flag("all", "Those too that somebody has looked at."),
    ),
    _row(
        "registry mark",
        "settle",
        "Note that somebody has looked at a mark.",
        results.RegistryMarkSettled,
        text("id", "Id of the mark.", required=True, positional=True),
        text("words", "What was found.", most=250),
        blast=Blast.REVERSIBLE,
    ),
)

ACTIONS: Final[tuple[Action, ...]] = (*_RUNNING, *_BOXES, *_LEASES, *_PAPERS, *_COUNTING)
