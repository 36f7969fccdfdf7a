"""The models of this box as operators look at them: what runs, what is here, what is on its way here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.model import ModelCard, ModelState
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ModelDetail, ModelSummary
from appliance.services.models.elsewhere import Elsewhere
from appliance.services.models.finding import Finder
from appliance.services.models.measured import fidelity_of, record_of
from appliance.services.models.permitting import Permitting
from appliance.services.models.ports import Measured, Weights
from appliance.services.models.presenting import card, detail, memory, summary

Coming = Callable[[str], str | None]
"""What is to be said of a model whose files are on their way here; None of any other."""


def nothing_comes(_model: str) -> None:
    """The answer of a box that downloads nothing."""


Restricted = Callable[[str], tuple[str, ...]]
"""What the lab allows of a model (a recipe's id), in sentences."""


def nothing_restricted(_model: str) -> tuple[str, ...]:
    """The answer of a box without restrictions."""
    return ()


Trouble = Callable[[Recipe, RecipeForm], str | None]
"""What was wrong with its files when they were read last; None where nothing was."""


def nothing_is_wrong(_recipe: Recipe, _form: RecipeForm) -> None:
    """The answer of a box that remembers nothing of files."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A live view. ``notes`` say of models why they do not run any more."""

    names: Finder
    weights: Weights
    notes: Mapping[str, str]
    permitting: Permitting
    why_not: Callable[[RecipeForm], str | None]
    weighed: Callable[[Recipe, RecipeForm], Awaitable[MemoryMeasurement | None]]
    measured: Measured | None
    elsewhere: Elsewhere
    coming: Coming
    restricted: Restricted
    trouble_of: Trouble

    def summaries(self, *, every: bool) -> tuple[ModelSummary, ...]:
        """One line a model: those on disk or on their way here, or the whole catalog."""
        found = ((*one, self.weights.folder_of(*one) is not None) for one in self.names.every())
        return tuple(
            self._summary(recipe, form, on_disk=on_disk)
            for recipe, form, on_disk in found
            if on_disk or every or self.coming(recipe.model_id(form))
        )

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """What this caller may use now, under all its names."""
        ready = [
            card(one, record_of(self.measured, one.recipe, one.form))
            for one in self.names.running.values()
            if one.state is ModelState.READY
            and not one.lent
            and self.permitting.lists(caller, one.id)
            and self.elsewhere.why_not(one.form.engine) is None
        ]
        return self.permitting.aliases.with_aliases(ready)

    async def detail(self, recipe: Recipe, form: RecipeForm) -> ModelDetail:
        """All about one model."""
        folder = self.weights.folder_of(recipe, form)
        name = recipe.model_id(form)
        found = detail(recipe, form, self.names.running.get(name), folder, note=self._note(name))
        return msgspec.structs.replace(
            found,
            reason=found.reason or self.trouble_of(recipe, form),
            fidelity=fidelity_of(self.measured, recipe, form),
            memory=memory(await self.weighed(recipe, form)),
            upstream=self.elsewhere.status(recipe),
            terms=self.permitting.terms(recipe),
            restrictions=self.restricted(recipe.id),
        )

    def _note(self, name: str) -> str | None:
        """Why a model is not here yet, or does not run any more."""
        return self.coming(name) or self.notes.get(name)

    def _summary(self, recipe: Recipe, form: RecipeForm, *, on_disk: bool) -> ModelSummary:
        name = recipe.model_id(form)
        note = self._note(name) or (self.why_not(form) if on_disk else None)
        line = summary(recipe, form, self.names.running.get(name), on_disk=on_disk, note=note)
        damaged, off = self.trouble_of(recipe, form), self.elsewhere.why_not(form.engine)
        return msgspec.structs.replace(
            line, lacks=self.permitting.lacks(recipe), reason=line.reason or damaged or off, damaged=damaged
        )
