"""Where things are found: the log, one request by its id, the box's own files."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Permission, Place
from appliance.domain.actions.rows import integer, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "log",
        "read",
        "What the box logged, as the gateway reads it; `carrel logs` also works when it is dead.",
        results.LogLines,
        Permission.READ,
        arguments=(
            integer("lines", "How many of the last lines.", default=200, least=1, most=1000),
            text(
                "level",
                "Only this level and above.",
                default="debug",
                choices=("debug", "info", "warning", "error"),
            ),
            text("request", "Only lines of this request id."),
            text("text", "Only lines that contain this, in capitals or not."),
        ),
    ),
    Action(
        "request",
        "show",
        "What is known of one request by its id: what it used, why it was refused, its lines of the log.",
        results.RequestShown,
        Permission.READ,
        arguments=(
            text("id", "The request's id, `req_` and 24 digits", required=True, positional=True, most=80),
        ),
    ),
    Action(
        "",
        "where",
        "Where this box keeps its configuration, data, models, socket and log, and how large they are.",
        results.BoxPlaces,
        Permission.READ,
        place=Place.LOCAL,
    ),
)
