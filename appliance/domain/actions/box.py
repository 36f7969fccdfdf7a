"""What is done to the box as a whole: start, stop, look, ask."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission, Place
from appliance.domain.actions.rows import flag, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "",
        "up",
        "Start the box and wait until its models are ready.",
        results.Started,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            Argument(
                "foreground", Kind.FLAG, "Stay in the foreground and log to the terminal.", default=False
            ),
            Argument("demo", Kind.FLAG, "Also run the bundled demo model.", default=False),
            text("host", "Address to listen on; loopback unless told otherwise."),
            Argument("port", Kind.INTEGER, "TCP port of the API.", least=1, most=65535),
            flag("lan", "Also listen on the local network, over TLS."),
            text("lan_host", "This machine's address there; asked for where it has several."),
        ),
    ),
    Action(
        "",
        "serve",
        "Run the gateway in this process, as the service unit does.",
        results.Stopped,
        place=Place.LOCAL,
    ),
    Action(
        "",
        "down",
        "Stop the box; running requests get a short time to end.",
        results.Stopped,
        blast=Blast.INTERRUPTS,
    ),
    Action("", "status", "What the box is doing.", results.Status, Permission.READ),
    Action(
        "",
        "pulse",
        "The last seconds: requests, tokens, who waits, processor, memory, disk.",
        results.Pulse,
        Permission.READ,
        arguments=(
            Argument("seconds", Kind.INTEGER, "How far back.", default=60, least=1, most=600),
            Argument("step_s", Kind.INTEGER, "Seconds that one value is of.", default=1, least=1, most=60),
        ),
    ),
    Action(
        "",
        "tui",
        "Look at the box and work on it in the terminal; leaving it stops nothing.",
        results.Viewed,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(
            text("host", "Another machine's box, over SSH: user@box."),
            flag("readonly", "Change nothing."),
            text("record", "Keep what is seen in a new file, without names and keys.", most=4096),
            text("replay", "Show such a file; `tour` is the one of the handbook.", most=4096),
            flag("ascii", "Signs and bars for terminals that have no others."),
        ),
    ),
    Action(
        "",
        "doctor",
        "Check what the box stands on, and say what mends it.",
        results.Diagnosis,
        Permission.READ,
        place=Place.LOCAL,
    ),
    Action(
        "",
        "ask",
        "Ask a model one question over HTTP, as a student would.",
        results.Answer,
        place=Place.LOCAL,
        arguments=(
            text("question", "What to ask.", required=True, positional=True, most=20_000),
            text("model", "Model id; the only one that is served if left out."),
            Argument("max_tokens", Kind.INTEGER, "Longest answer, in tokens.", least=1, most=1_000_000),
            text("url", "Address of the API, up to and with /v1; this box if left out."),
        ),
    ),
    Action(
        "",
        "logs",
        "What the box logged; prompts and keys are never in it.",
        results.LogLines,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(
            Argument("lines", Kind.INTEGER, "How many of the last lines.", default=50, least=1, most=100_000),
            text(
                "level",
                "Only this level and above.",
                default="debug",
                choices=("debug", "info", "warning", "error"),
            ),
            text("request", "Only lines of this request id."),
        ),
    ),
    Action(
        "",
        "help",
        "Read the handbook.",
        results.HandbookPage,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(text("topic", "Page of the handbook; the list if left out.", positional=True),),
    ),
)
