"""An exam's models as they are when it is opened, and the seed of its answers: what repeats them later."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.classes import FrozenModel, SchoolClass
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import BadRequest

SEED_SPACE: Final = 2**32


class Names(Protocol):
    """What a model's name means now: as it runs, else as the catalog has it."""

    def present(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


def frozen_of(recipe: Recipe, form: RecipeForm) -> FrozenModel:
    """The revision of its recipe, and a hash over the files of the form."""
    return FrozenModel(recipe.model_id(form), str(recipe.revision), form.sha256 if form.files else "")


def draw_seed() -> int:
    """For an exam whose teacher gave none."""
    return secrets.randbelow(SEED_SPACE)


class Freezing:
    """Freezes once: a model that is frozen stays so."""

    def __init__(self, names: Names, seed: Callable[[], int] = draw_seed) -> None:
        self._names = names
        self._seed = seed

    def freeze(self, lesson: SchoolClass) -> SchoolClass:
        """An exam with each of its models frozen and a seed; any other class as it is. Raises
        ``ModelNotFound``, ``BadRequest`` for a model that is hosted elsewhere.
        """
        if lesson.mode != "exam":
            return lesson
        before = {one.model: one for one in lesson.frozen}
        frozen = tuple(before.get(model) or self._frozen(model) for model in lesson.models)
        seed = self._seed() if lesson.seed is None else lesson.seed
        return replace(lesson, frozen=frozen, seed=seed)

    def _frozen(self, model: str) -> FrozenModel:
        recipe, form = self._names.present(model)
        if recipe.upstream is not None:
            raise BadRequest(
                f"{model} is hosted elsewhere, and an exam stays on this box. Take it out with `carrel class "
                "set NAME --models ...`.",
                param="models",
            )
        return frozen_of(recipe, form)
