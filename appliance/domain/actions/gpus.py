"""What is done to GPUs, and whether a model would fit on them."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import text

_GPU: Final = Argument(
    "gpu",
    Kind.INTEGER,
    "Its number, as `carrel gpu list` shows it.",
    required=True,
    positional=True,
    most=999,
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "gpu",
        "list",
        "GPUs of this machine: who uses them and what is wrong with them.",
        results.GpuList,
        Permission.READ,
    ),
    Action(
        "gpu",
        "history",
        "What GPUs, processor and memory did in the last minutes.",
        results.GpuHistories,
        Permission.READ,
        arguments=(Argument("minutes", Kind.INTEGER, "How far back.", default=10, least=1, most=60),),
    ),
    Action(
        "gpu",
        "release",
        "Leave a GPU to others: no model is placed on it until it is taken back.",
        results.GpuList,
        blast=Blast.REVERSIBLE,
        arguments=(_GPU,),
    ),
    Action(
        "gpu",
        "take",
        "Use a released GPU again.",
        results.GpuList,
        blast=Blast.REVERSIBLE,
        arguments=(_GPU,),
    ),
    Action(
        "model",
        "fit",
        "Whether a model fits this machine or another, how, and what would fit.",
        results.Fit,
        Permission.READ,
        arguments=(
            text("model", "Model id, as `carrel model list --all` shows it.", required=True, positional=True),
            Argument("seats", Kind.INTEGER, "Requests that a replica computes at once.", least=1, most=256),
            Argument(
                "context", Kind.INTEGER, "Prompt plus answer of a request, in tokens.", least=16, most=2**24
            ),
            Argument("replicas", Kind.INTEGER, "Copies of the model.", least=1, most=64),
            text("gpus", "GPUs of this machine such as 0-3, or another machine such as 8xA100-80GB."),
        ),
    ),
)
