"""What is done to models."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import accepting, flag, integer, text

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
        "Verify a model's files and serve it, also after a restart. With other options than it runs with, a "
        "running model starts anew, which ends its requests; without options it is left as it is.",
        results.ModelDetail,
        blast=Blast.REVERSIBLE,
        arguments=(
            _MODEL,
            integer("replicas", "Copies of the model, each with a process of its own.", least=1, most=64),
            integer(
                "seats",
                "Requests that one replica computes at once; as in the recipe if not given.",
                least=1,
                most=256,
            ),
            integer(
                "context",
                "Most tokens of prompt and answer together; at most the recipe's.",
                least=16,
                most=2**24,
            ),
            flag("deterministic", "The same request gives the same answer, alone or in a crowd; slower."),
            text("gpus", "Only these GPUs, such as 0-1,3; none for the processor."),
        ),
    ),
    Action(
        "model",
        "verify",
        "Check a model's files against their hashes, and what is in them; or measure what each of its forms "
        "costs in faithfulness.",
        results.Verification,
        long=True,
        arguments=(
            _MODEL,
            flag("all_forms", "Every form of the model of which there is a file on this box."),
            flag(
                "fidelity",
                "Also have every form that is on disk read the same text, and compare it with the fullest "
                "one. Forms that do not run are started for it, one after another.",
            ),
        ),
    ),
    Action(
        "model",
        "stop",
        "Stop serving a model.",
        results.ModelDetail,
        blast=Blast.INTERRUPTS,
        arguments=(_MODEL,),
    ),
    Action(
        "model",
        "pull",
        "Fetch a model's files, verify them and put them in place.",
        results.DownloadStatus,
        blast=Blast.REVERSIBLE,
        follows="download.show",
        arguments=(
            _MODEL,
            *accepting("carrel license show"),
        ),
    ),
    Action(
        "model",
        "remove",
        "Delete a model's files from this box, but for those that other models have too.",
        results.Removal,
        blast=Blast.DESTROYS,
        arguments=(_MODEL, flag("dry_run", "Only say what it would free.")),
    ),
)
