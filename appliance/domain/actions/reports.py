"""What is done about flaw reports."""

from typing import Final

from appliance.domain.action import Action, Argument, Audience, Blast, Kind, Permission, Place
from appliance.domain.actions.rows import file, flag, integer, text
from appliance.domain.people import DEFAULT_ID
from appliance.domain.reports import CATEGORIES, SEVERITIES, TRIAGED
from appliance.domain.results import reports as results
from appliance.domain.results.samples import OpenedContent, SealedContent

MOST_PROMPT: Final = 48 * 1024
_ID: Final = text(
    "id", "Id of a report, as `carrel report list` shows it.", required=True, positional=True, most=64
)
_GIVEN_PROMPT: Final = file(
    "prompt_file", "The prompt's file, where it goes along; the box has it no more.", most=MOST_PROMPT
)
_WHOSE: Final = (
    text("project", "As the key says: whose report it is.", most=64),
    text("person", "As the key says: whose report it is.", most=64),
)


def _filing(noun: str, verb: str) -> Action:
    return Action(
        noun,
        verb,
        "Report a bias or a safety flaw of a model so that others can see it too, for whoever found it.",
        results.ReportLine,
        Permission.REVIEW,
        arguments=(
            text("model", "Model id, with its form if it matters.", required=True, most=97),
            integer("seed", "The seed of the answer, as the answer told it.", required=True, most=2**63 - 1),
            text("severity", "How bad it is.", required=True, choices=SEVERITIES),
            text("category", "What kind of flaw it is.", required=True, choices=CATEGORIES),
            text("description", "What happens, and what should.", required=True, most=4000),
            file("prompt_file", "The prompt's file: it is hashed and forgotten.", most=MOST_PROMPT),
            text("prompt_sha256", "In its place: the SHA-256 of the prompt's exact bytes.", most=64),
            flag("share_text", "Keep the prompt for the reviewers, sealed to their keys."),
            flag("to_owner", "It shall go to the lab that shares the model, once you have seen what goes."),
            Argument(
                "temperature", Kind.DECIMAL, "As in the request; the model's default if left out.", most=20
            ),
            Argument("top_p", Kind.DECIMAL, "As in the request; the model's default if left out.", most=20),
            integer("top_k", "As in the request; the model's default if left out.", most=1_000_000),
            integer("max_tokens", "As in the request.", least=1, most=1_000_000),
            integer("seen", "How often it was seen.", default=1, least=1, most=1_000_000),
            text("person", "Id of who found it; you if left out.", most=64),
            text("project", "Their project, which an accepted report pays.", default=DEFAULT_ID, most=64),
        ),
    )


ACTIONS: Final[tuple[Action, ...]] = (
    _filing("report", "new"),
    _filing("incident", "report"),
    Action(
        "report",
        "list",
        "Flaw reports, those that nobody has looked at.",
        results.ReportList,
        Permission.REVIEW,
        lists=True,
        arguments=(
            flag("all", "Also those that were triaged."),
            integer("limit", "How many at most.", default=50, least=1, most=1000),
        ),
    ),
    Action("report", "show", "One flaw report.", results.ReportLine, Permission.REVIEW, arguments=(_ID,)),
    Action(
        "report",
        "triage",
        "Decide on a report. An accepted one pays credits to its reporter's project.",
        results.ReportLine,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ID,
            text("verdict", "What it is.", required=True, positional=True, choices=TRIAGED),
            text("reason", "Why, in a sentence or two.", required=True, most=1000),
            Argument(
                "credits",
                Kind.DECIMAL,
                "What it pays; by its severity 1, 5, 20 or 50 if left out.",
                most=40,
            ),
        ),
    ),
    Action(
        "report",
        "preview",
        "The very bytes of a report that would go to the lab that shares the model, and their SHA-256.",
        results.ReportPreview,
        Permission.REVIEW,
        audience=Audience.MEMBERS,
        arguments=(_ID, _GIVEN_PROMPT, *_WHOSE),
    ),
    Action(
        "report",
        "consent",
        "Agree that exactly these bytes go to the lab that shares the model.",
        results.ReportLine,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=Audience.MEMBERS,
        arguments=(
            _ID,
            text("sha256", "First digits of what `carrel report preview` shows.", required=True, most=64),
            _GIVEN_PROMPT,
            *_WHOSE,
        ),
    ),
    Action(
        "report",
        "send",
        "Send a report to the lab that shares the model, as its reporter agreed to it.",
        results.ReportLine,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(_ID, _GIVEN_PROMPT),
    ),
    Action(
        "report",
        "reproduce",
        "See a case again: the same prompt with the same seed. The answer is shown and not kept.",
        results.ReportSeenAgain,
        Permission.REVIEW,
        long=True,
        arguments=(_ID, file("prompt_file", "The prompt, byte by byte.", required=True, most=MOST_PROMPT)),
    ),
    Action(
        "report",
        "fetch",
        "The sealed prompt of a report, for `carrel report open`. It is written down who asked.",
        SealedContent,
        Permission.REVIEW,
        arguments=(_ID,),
    ),
    Action(
        "report",
        "open",
        "Read the prompt that a reporter shared, with the private key of a reviewer, here in this terminal.",
        OpenedContent,
        Permission.REVIEW,
        place=Place.LOCAL,
        arguments=(_ID, file("key", "File with your private key.", required=True, most=16 * 1024)),
    ),
)
