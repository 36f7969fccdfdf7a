"""Everything an operator can do, as one table.

CLI verbs, admin routes and (later) screens are generated from ``ACTIONS``; services bind a handler to every
action of ``Place.GATEWAY`` and the command line to every one of ``Place.LOCAL``. Nobody writes a verb by
hand: to add one, add a row here, a result in ``domain.results`` and a handler.
"""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission, Place


def _text(name: str, help: str, **more: object) -> Argument:
    return Argument(name, Kind.TEXT, help, **more)  # type: ignore[arg-type]


_MODEL: Final = _text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True)
_PROJECT: Final = _text("project", "Project id.", default="default")

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
            _text("host", "Address to listen on; loopback unless told otherwise."),
            Argument("port", Kind.INTEGER, "TCP port of the API.", least=1, most=65535),
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
            _text("question", "What to ask.", required=True, positional=True, most=20_000),
            _text("model", "Model id; the only one that is served if left out."),
            Argument("max_tokens", Kind.INTEGER, "Longest answer, in tokens.", least=1, most=1_000_000),
            _text("url", "Address of the API, up to and with /v1; this box if left out."),
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
            _text(
                "level",
                "Only this level and above.",
                default="debug",
                choices=("debug", "info", "warning", "error"),
            ),
            _text("request", "Only lines of this request id."),
        ),
    ),
    Action(
        "",
        "help",
        "Read the handbook.",
        results.HandbookPage,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(_text("topic", "Page of the handbook; the list if left out.", positional=True),),
    ),
    Action(
        "",
        "usage",
        "What was used, summed.",
        results.UsageReport,
        Permission.READ,
        arguments=(
            _text("project", "Only this project."),
            Argument("days", Kind.INTEGER, "How many days back.", default=30, least=1, most=3650),
            _text("by", "What to sum by.", default="model", choices=("model", "project", "key", "day")),
        ),
    ),
    Action(
        "config",
        "get",
        "One setting, or all of them.",
        results.Configuration,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(_text("key", "Name of the setting.", positional=True),),
    ),
    Action(
        "config",
        "set",
        "Write a setting to the configuration file.",
        results.Configuration,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            _text("key", "Name of the setting.", required=True, positional=True),
            _text("value", "Its new value.", required=True, positional=True, most=4096),
        ),
    ),
    Action(
        "config",
        "explain",
        "Where the value of a setting comes from.",
        results.Configuration,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(_text("key", "Name of the setting.", required=True, positional=True),),
    ),
    Action(
        "project",
        "new",
        "Create a project.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _text("project", "Id: a-z, 0-9, dot, dash, underscore.", required=True, positional=True, most=64),
            _text("title", "Its name for people."),
        ),
    ),
    Action("project", "list", "All projects.", results.ProjectList, Permission.READ),
    Action(
        "key",
        "new",
        "Make a key; it is shown once.",
        results.KeyIssued,
        blast=Blast.REVERSIBLE,
        arguments=(
            _text("name", "A label for people.", required=True, positional=True, most=100),
            _PROJECT,
            Argument(
                "expires_days", Kind.INTEGER, "Days until it expires; never if left out.", least=1, most=3650
            ),
        ),
    ),
    Action(
        "key",
        "list",
        "All keys, without their secrets.",
        results.KeyList,
        Permission.READ,
        arguments=(_text("project", "Only this project."),),
    ),
    Action(
        "key",
        "revoke",
        "End a key at once.",
        results.KeyList,
        blast=Blast.DESTROYS,
        arguments=(_text("id", "Id of the key.", required=True, positional=True),),
    ),
    Action(
        "budget",
        "set",
        "Limit what a project may spend.",
        results.BudgetState,
        blast=Blast.REVERSIBLE,
        arguments=(
            _PROJECT,
            Argument(
                "credits",
                Kind.DECIMAL,
                "Limit in credits (1 credit = 10^15 FLOP), or `none`.",
                required=True,
                most=40,
            ),
        ),
    ),
    Action(
        "budget",
        "show",
        "A project's limit, spending and holds.",
        results.BudgetState,
        Permission.READ,
        arguments=(_PROJECT,),
    ),
    Action(
        "model",
        "list",
        "Models of this box and what they do.",
        results.ModelList,
        Permission.READ,
        arguments=(
            Argument("all", Kind.FLAG, "The whole catalog, not only what is on disk.", default=False),
        ),
    ),
    Action(
        "model",
        "show",
        "One model: license, files, limits, processes.",
        results.ModelDetail,
        Permission.READ,
        arguments=(_MODEL,),
    ),
    Action(
        "model",
        "run",
        "Verify a model's files and serve it, also after a restart.",
        results.ModelDetail,
        blast=Blast.REVERSIBLE,
        arguments=(_MODEL,),
    ),
    Action(
        "model",
        "stop",
        "Stop serving a model.",
        results.ModelDetail,
        blast=Blast.INTERRUPTS,
        arguments=(_MODEL,),
    ),
)


def action(name: str) -> Action:
    """The action of that name. Raises ``KeyError`` for a name that is not in the table."""
    return _BY_NAME[name]


_BY_NAME: Final = {one.name: one for one in ACTIONS}
