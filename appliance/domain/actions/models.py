"""What is done to models."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import text

_MODEL: Final = text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True)

ACTIONS: Final[tuple[Action, ...]] = (
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
