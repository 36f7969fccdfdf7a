"""Recipes: the list, a new one, and what became of an approval."""

from typing import Any, Final

from rich.console import RenderableType
from rich.text import Text

from appliance.client.presenting.cells import table
from appliance.domain.plain_text import many_lines, one_line
from appliance.domain.results import (
    RecipeApproved,
    RecipeLine,
    RecipeList,
    RecipeSchema,
    RecipeWithdrawn,
    RecipeWritten,
)

_NOT_YET: Final = "The box does not run; it uses this from its next start."


def recipe_list(result: RecipeList) -> RenderableType:
    """One line a recipe."""
    rows = [
        (one.id, one.revision or "", one.state, _approved_by(one), one.title, one.reason or "")
        for one in result.recipes
    ]
    return table(("RECIPE", "REVISION", "STATE", "APPROVED BY", "TITLE", "WHY"), rows, right=("REVISION",))


def approved(result: RecipeApproved) -> RenderableType:
    """What is true from now on, and the next step."""
    lines = [
        f"{result.id}, revision {result.revision}, is {result.approved_by} ({result.who}).",
        f"`carrel model run {result.id}` serves it, also where an older one runs."
        if result.in_use
        else _NOT_YET,
    ]
    return Text("\n".join(one_line(line) for line in lines))


def withdrawn(result: RecipeWithdrawn) -> RenderableType:
    """What is true from now on."""
    lines = [f"{result.id} is not approved by this lab any more.", f"Its recipe is kept as {result.kept}."]
    return Text("\n".join(one_line(line) for line in [*lines, *(() if result.in_use else (_NOT_YET,))]))


def written(result: RecipeWritten) -> RenderableType:
    """The file itself, so that it can be sent into one."""
    return Text(many_lines(result.toml.rstrip("\n")))


def schema(result: RecipeSchema) -> RenderableType:
    """The schema itself, in lines."""
    return Text(many_lines(result.text.rstrip("\n")))


def _approved_by(one: RecipeLine) -> str:
    return f"{one.approved_by} ({one.who})" if one.who else one.approved_by


PRESENTERS: Final[dict[Any, Any]] = {
    RecipeList: recipe_list,
    RecipeApproved: approved,
    RecipeSchema: schema,
    RecipeWithdrawn: withdrawn,
    RecipeWritten: written,
}
