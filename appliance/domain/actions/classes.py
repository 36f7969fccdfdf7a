"""What is done to classes: by operators, and by leads from their page."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Blast, Permission
from appliance.domain.actions.people import ROSTER_CHARACTERS
from appliance.domain.actions.rows import file, flag, integer, text

_NAME: Final = text("name", "Id of the class.", required=True, positional=True, is_id=True, most=64)
_OF: Final = text("project", "Only if it is of this project.", most=64)
_SEAT: Final = text("seat", "Whose: the id of the list, or of the person.", required=True, most=100)
_TOKENS: Final = 10**12
_LEADS: Final = Audience.LEADS


def _described(*, new: bool) -> tuple[Argument, ...]:
    running = "; what runs if left out" if new else ""
    usual = "; in two hours if left out" if new else ""
    return (
        text("title", "Its name for people.", most=100),
        text(
            "mode",
            "What it is like; `open` if left out." if new else "What it is like.",
            choices=("open", "exam", "offline"),
        ),
        text("models", f"Models, with commas, the first as `class-model`{running}.", most=500),
        integer("seat_tokens", "Tokens of one seat in all; 0 is no limit of its own.", most=_TOKENS),
        integer("seat_running", "Requests of one seat at the same time.", most=1000),
        integer("seat_requests_per_min", "Requests of one seat a minute; 0 is no limit.", most=10**6),
        integer("seat_tokens_per_min", "Tokens of one seat a minute; 0 is no limit.", most=_TOKENS),
        text(
            "starts",
            "When: 10:10, 2026-10-01, 2026-10-01T10:10, in the box's time; `none`: at once.",
            most=20,
        ),
        text("ends", f"When it ends, likewise{usual}.", most=20),
        integer("minutes", "How long it lasts from its start, in place of `--ends`.", least=1, most=527_040),
        integer("grace_min", "Minutes that keys still work after the end.", most=10_080),
        integer("guests", "How many may join with the code who are not in the list.", most=1000),
        text("networks", "From where only, such as 10.0.0.0/24; `none` for anywhere.", most=1000),
        integer("seed", "Seed of every answer of an exam; drawn at opening if left out.", most=2**32 - 1),
    )


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "class",
        "new",
        "Make a class, with its list of students.",
        results.ClassDetail,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            text(
                "name",
                "Id: a-z, 0-9, dot, dash, underscore.",
                required=True,
                positional=True,
                is_id=True,
                most=64,
            ),
            text("project", "Its course; one of the class's name is made if left out.", most=64),
            file("roster", "The class list in CSV.", most=ROSTER_CHARACTERS),
            *_described(new=True),
        ),
    ),
    Action(
        "class",
        "set",
        "Change a class.",
        results.ClassDetail,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(_NAME, _OF, *_described(new=False)),
    ),
    Action(
        "class",
        "list",
        "Classes, the newest first.",
        results.ClassList,
        Permission.READ,
        audience=_LEADS,
        arguments=(
            text("project", "Only those of this project.", most=64),
            flag("all", "Those that are over too."),
        ),
    ),
    Action(
        "class",
        "show",
        "One class.",
        results.ClassDetail,
        Permission.READ,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "roster",
        "Take in a list of students; the same list again changes nothing.",
        results.ClassRoster,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            file("file", "The class list in CSV.", required=True, positional=True, most=ROSTER_CHARACTERS),
            flag("dry_run", "Only say what it would do."),
        ),
    ),
    Action(
        "class",
        "open",
        "Open a class: its keys work from now on, or from its start.",
        results.ClassDetail,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            text("address", "The box's address on the class's network, where it has several.", most=45),
            flag(
                "plain",
                "Answer there over plain HTTP, to keys of this class only: laptops need no certificate.",
            ),
        ),
    ),
    Action(
        "class",
        "close",
        "End a class for good: what runs ends, its keys stop working.",
        results.ClassDetail,
        blast=Blast.DESTROYS,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "pause",
        "Answer nobody in a class until `class resume`; what runs ends.",
        results.ClassDetail,
        blast=Blast.INTERRUPTS,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "resume",
        "Answer again.",
        results.ClassDetail,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "message",
        "Show a sentence on every page of a class.",
        results.ClassDetail,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(_NAME, _OF, text("text", "The sentence; none if left out.", most=300)),
    ),
    Action(
        "class",
        "seats",
        "Who sits in a class, how they fare, and what went wrong.",
        results.ClassSeats,
        Permission.READ,
        lists=True,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "cards",
        "Make the keys of seats that have none, as cards to print.",
        results.ClassCards,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        saves="A page to print, ten cards each, which only you can read.",
        arguments=(
            _NAME,
            _OF,
            text("seat", "Only this seat's.", most=100),
            flag("reissue", "Make those anew that have one too; theirs from before stop working."),
        ),
    ),
    Action(
        "class",
        "reissue",
        "Make a seat's key anew; the one before stops working, what was spent stays spent.",
        results.SeatKey,
        blast=Blast.INTERRUPTS,
        audience=_LEADS,
        arguments=(_NAME, _OF, _SEAT),
    ),
    Action(
        "class",
        "release",
        "Let a seat be taken again: its key and its sessions end.",
        results.ClassSeats,
        blast=Blast.INTERRUPTS,
        audience=_LEADS,
        arguments=(_NAME, _OF, _SEAT),
    ),
    Action(
        "class",
        "top-up",
        "Give a seat more tokens.",
        results.ClassSeats,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            _SEAT,
            integer("tokens", "How many more.", default=10_000, least=1, most=_TOKENS),
        ),
    ),
    Action(
        "class",
        "join-screen",
        "The code to join a class with, as the projector shows it.",
        results.JoinScreen,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            integer("minutes", "How long a new code is valid.", default=15, least=1, most=240),
            flag("new", "A new code in place of the one that is valid."),
            flag("end", "No code any more."),
        ),
    ),
    Action(
        "class",
        "projector",
        "What the projector shows, without making anything.",
        results.JoinScreen,
        Permission.READ,
        lists=True,
        audience=_LEADS,
        arguments=(_NAME, _OF),
    ),
    Action(
        "class",
        "poll",
        "Ask the class which of two models answered better, without telling which is which.",
        results.PollState,
        blast=Blast.REVERSIBLE,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            text("prompt", "What both are asked; begins a new vote.", most=2000),
            text("a", "A model.", most=200),
            text("b", "Another one, or the same in another form.", most=200),
            integer("seed", "Seed of both answers.", default=1, most=2**32 - 1),
            flag("end", "End the vote and tell which was which."),
        ),
    ),
    Action(
        "class",
        "vote",
        "Say which answer was better.",
        results.PollState,
        audience=Audience.MEMBERS,
        arguments=(
            _NAME,
            text("project", "Only if it is of this project.", most=64),
            text("person", "Who votes.", most=64),
            text("poll", "Id of the vote.", required=True, most=64),
            text("choice", "Which was better.", required=True, choices=("a", "b", "tie")),
        ),
    ),
    Action(
        "class",
        "rehearse",
        "Let synthetic students ask all at once, and tell how long they wait.",
        results.Rehearsal,
        long=True,
        audience=_LEADS,
        arguments=(
            _NAME,
            _OF,
            integer("seats", "How many.", default=30, least=1, most=500),
            text("model", "Which model; the class's first if left out.", most=200),
        ),
    ),
    Action(
        "class",
        "report",
        "What each seat used, as a table and as CSV by the ids of the list.",
        results.ClassReport,
        Permission.READ,
        audience=_LEADS,
        saves="The table in CSV, which only you can read.",
        arguments=(_NAME, _OF),
    ),
)
