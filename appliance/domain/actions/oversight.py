"""What is done about incidents, and about the tripwires that open them."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Audience, Blast, Permission
from appliance.domain.actions.rows import integer, text

_ID: Final = text("id", "Id of the incident.", required=True, positional=True, most=40)
_PROJECT: Final = text("project", "Only of this project.", most=64)
_WHOSE: Final = text("project", "The project.", required=True, most=64)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "incident",
        "list",
        "What tripwires have noticed, the newest first: whose use, which wire, how far it went.",
        results.IncidentList,
        Permission.REVIEW,
        lists=True,
        audience=Audience.LEADS,
        arguments=(
            _PROJECT,
            text(
                "state",
                "Only those in this state.",
                choices=("open", "reviewed", "appealed", "expired"),
            ),
            integer("limit", "How many at most.", default=50, least=1, most=1000),
        ),
    ),
    Action(
        "incident",
        "show",
        "One incident: counts and times, what the project said it does, and who decides.",
        results.IncidentDetail,
        Permission.REVIEW,
        audience=Audience.LEADS,
        arguments=(_ID, _PROJECT),
    ),
    Action(
        "incident",
        "decide",
        "Decide on an incident: it was nothing, or it was what it looked like and this follows.",
        results.IncidentDetail,
        Permission.REVIEW,
        Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            _ID,
            text(
                "verdict",
                "`clear`: it was nothing, and its wire leads to nothing for this holder meanwhile. "
                "`uphold`: it was what it looked like.",
                required=True,
                choices=("clear", "uphold"),
            ),
            text("reason", "Why. The holder may read it.", required=True, most=500),
            text(
                "level",
                "What an upheld incident leads to from now on; what it leads to already if not given.",
                choices=("note", "warn", "throttle", "hold"),
            ),
            integer("days", "Days for which that holds.", default=30, least=1, most=365),
            _PROJECT,
        ),
    ),
    Action(
        "incident",
        "appeal",
        "Ask for another look at an incident of one's own.",
        results.IncidentDetail,
        Permission.ADMIN,
        Blast.REVERSIBLE,
        audience=Audience.MEMBERS,
        arguments=(
            _ID,
            text("why", "What the reviewer should know.", required=True, most=500),
            text("person", "The person who appeals.", required=True, most=64),
            _WHOSE,
        ),
    ),
    Action(
        "tripwire",
        "list",
        "All tripwires: what each counts, from when on, and why; and what projects declared.",
        results.TripwireList,
        Permission.READ,
    ),
    Action(
        "tripwire",
        "set",
        "Switch a tripwire on or off, or change from when on it counts.",
        results.TripwireList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("wire", "Name of the tripwire or pack.", required=True, positional=True, most=40),
            text("switch", "Whether it counts.", choices=("on", "off")),
            integer("threshold", "From which count on it is touched.", least=1, most=10**9),
            text("hours", "For `off-hours`: from which hour to which, UTC, such as 22-5.", most=5),
        ),
    ),
    Action(
        "tripwire",
        "expect",
        "Declare how a project's use will look, so that it is noted and nothing more.",
        results.TripwireList,
        Permission.REVIEW,
        Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            text(
                "pattern",
                "`templated`, `bulk`, `evaluation`, `log-probabilities`, `shared`, or the name of a tripwire "
                "or pack.",
                required=True,
                positional=True,
                most=40,
            ),
            _WHOSE,
            text("why", "The purpose that explains it.", required=True, most=500),
            integer(
                "days", "Days for which it holds; until it is forgotten if not given.", least=1, most=3650
            ),
        ),
    ),
    Action(
        "tripwire",
        "forget",
        "Take back what a project declared.",
        results.TripwireList,
        Permission.REVIEW,
        Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(
            text("pattern", "What it declared.", required=True, positional=True, most=40),
            _WHOSE,
        ),
    ),
    Action(
        "tripwire",
        "reload",
        "Read the lab's packs of patterns again.",
        results.TripwireList,
        blast=Blast.REVERSIBLE,
    ),
)
