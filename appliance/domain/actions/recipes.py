"""What is done about recipes: which models this box knows, and who approved them."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission, Place
from appliance.domain.actions.rows import text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "recipe",
        "list",
        "Every recipe of this box: who approved it, and why one is not used.",
        results.RecipeList,
        Permission.READ,
    ),
    Action(
        "recipe",
        "new",
        "Write a recipe from a folder, a repository of the hub, or a draft, and print it.",
        results.RecipeWritten,
        place=Place.LOCAL,
        arguments=(
            text(
                "source",
                "A folder, `hub:OWNER/NAME[@REVISION]`, or the id of a draft.",
                required=True,
                positional=True,
                most=4096,
            ),
            text("id", "The model's id; made from the source's name if not given.", most=80),
            text("form", "The form's name; of a draft, the only form that is filled in.", most=16),
            text("files", "Only files of these names: patterns such as *Q8_0*.gguf, with commas.", most=2000),
            text("engine", "What runs it; from the files if not given.", most=32),
            text(
                "precision",
                "What the engines torch and vllm hold the weights in; as in the files if not given.",
                choices=("float32", "bfloat16", "float16", "int8", "nf4"),
            ),
            text("license", "Its license, where that is a known open one, such as Apache-2.0.", most=120),
        ),
    ),
    Action(
        "recipe",
        "schema",
        "Print the JSON schema of recipes, for an editor.",
        results.RecipeSchema,
        Permission.READ,
        place=Place.LOCAL,
    ),
    Action(
        "recipe",
        "approve",
        "Approve a recipe for this box: it may be pulled and run, labeled as approved by this lab.",
        results.RecipeApproved,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("file", "The recipe's TOML file.", required=True, positional=True, most=4096),
            text("who", "Who approves it; the user of this machine if not given.", most=120),
            text("license_text", "The license's text, where Carrel does not have it.", most=4096),
        ),
    ),
    Action(
        "recipe",
        "withdraw",
        "Take the lab's approval of a model back; it is not served any more.",
        results.RecipeWithdrawn,
        place=Place.LOCAL,
        blast=Blast.INTERRUPTS,
        arguments=(text("id", "The recipe's id.", required=True, positional=True, most=80),),
    ),
    Action(
        "recipe",
        "reload",
        "Read the lab's recipes and those of models elsewhere again; other commands do it by themselves.",
        results.RecipeList,
        blast=Blast.REVERSIBLE,
    ),
)
