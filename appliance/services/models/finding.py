"""What a model's name means: in the catalog as it is now, and among what runs from an earlier one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from appliance.domain.model import MODEL_ID
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import ModelNotFound
from appliance.services.models.ports import Catalog
from appliance.services.models.running import RunningModel


@dataclass(frozen=True, slots=True)
class Finder:
    """A model that runs holds its own recipe: it goes on when the catalog has another one, or none."""

    catalog: Catalog
    running: Mapping[str, RunningModel]

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """As the catalog has it; what left the catalog, as it runs. Raises ``ModelNotFound``."""
        if not MODEL_ID.match(model):
            raise ModelNotFound("No model has that name. `GET /v1/models` lists those that are served.")
        try:
            return self.catalog.find(model)
        except ModelNotFound:
            for one in self.running.values():
                form = one.recipe.form_of(model)
                if form == one.form:
                    return one.recipe, form
            raise

    def present(self, model: str) -> tuple[Recipe, RecipeForm]:
        """As it runs, else as the catalog has it. Raises ``ModelNotFound``."""
        recipe, form = self.find(model)
        running = self.running.get(recipe.model_id(form))
        return (running.recipe, running.form) if running else (recipe, form)

    def is_outside(self, model: str) -> bool:
        """Whether it needs the network; one that nobody knows needs nothing."""
        try:
            recipe, form = self.find(model)
        except ModelNotFound:
            return False
        return recipe.upstream is not None or form.networked

    def every(self) -> Iterator[tuple[Recipe, RecipeForm]]:
        """All forms of the catalog, and after them what runs and is not in it."""
        listed = set()
        for recipe in self.catalog.recipes:
            for form in recipe.forms:
                listed.add(recipe.model_id(form))
                yield recipe, form
        yield from ((one.recipe, one.form) for one in self.running.values() if one.id not in listed)

    def forms_of(self, recipe_id: str) -> list[RunningModel]:
        """What runs of one recipe."""
        return [one for one in self.running.values() if one.recipe.id == recipe_id]

    def withdrawn(self, by_lab: Collection[str]) -> list[RunningModel]:
        """What runs by the lab's approval and is none of those recipes that it approves now."""
        return [
            one
            for one in self.running.values()
            if one.recipe.approval.by == "lab" and not one.recipe.upstream and one.recipe.id not in by_lab
        ]


def is_same(recipe: Recipe, running: Recipe) -> bool:
    """Whether what runs is what the catalog has, however fresh its word is."""
    return replace(recipe, approval=running.approval) == running
