"""``recipe list`` and ``recipe reload``: which models the box knows, by whose approval, and why not."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.approval import LeftOut
from appliance.domain.log import Log
from appliance.domain.recipe import Recipe
from appliance.domain.results import RecipeLine, RecipeList, Result

LAB: Final = "lab"


class Catalog(Protocol):
    """Every source of recipes, joined."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Those that count, ordered by id."""
        ...

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """Those that do not."""
        ...

    def reload(self) -> None:
        """Read the sources again; blocking."""
        ...


class Models(Protocol):
    """What runs."""

    async def end_withdrawn(self, by_lab: Collection[str]) -> None:
        """End what the lab approved once and is none of these recipes."""
        ...


class RecipeService:
    """Answers operators; ``log`` hears of what is left out."""

    def __init__(self, catalog: Catalog, models: Models, log: Log) -> None:
        self._catalog = catalog
        self._models = models
        self._log = log

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"recipe.list": self.list_recipes, "recipe.reload": self.reload}

    async def list_recipes(self) -> RecipeList:
        """``recipe list``."""
        lines = [_line(one) for one in self._catalog.recipes]
        return RecipeList(recipes=(*lines, *map(_left_out_line, self._catalog.left_out)))

    async def reload(self) -> RecipeList:
        """``recipe reload``. What the lab has withdrawn ends; all else that runs goes on as it is."""
        await asyncio.to_thread(self._catalog.reload)
        await self._models.end_withdrawn(self._known_to_lab())
        self.tell_left_out()
        return await self.list_recipes()

    def tell_left_out(self) -> None:
        """Into the log, where somebody looks who wonders why a model is not there."""
        for one in self._catalog.left_out:
            self._log.warning("recipe_left_out", recipe=one.id, place=one.place, reason=one.reason)

    def _known_to_lab(self) -> set[str]:
        """Approved, or put aside by a change: that ends nothing, taking it back does."""
        approved = {one.id for one in self._catalog.recipes if one.approval.by == LAB}
        return approved | {one.id for one in self._catalog.left_out if one.place == LAB}


def _line(recipe: Recipe) -> RecipeLine:
    freshness = recipe.approval.freshness
    state = "draft" if recipe.draft else "approved" if freshness == "fresh" else freshness
    return RecipeLine(
        id=recipe.id,
        revision=recipe.revision,
        title=recipe.title,
        state=state,
        approved_by=recipe.approved_by,
        who=recipe.approval.name if recipe.approval.by == LAB and recipe.approval.name else None,
        draft=recipe.draft,
    )


def _left_out_line(one: LeftOut) -> RecipeLine:
    return RecipeLine(
        id=one.id,
        revision=0,
        title="",
        state="left out",
        approved_by=f"nobody (from {one.place})",
        reason=one.reason,
    )
