"""Which guard model judges a text: the one that was asked for, or the one that the box has for it."""

from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.recipe import Guard, Recipe, RecipeForm
from appliance.errors import BadRequest, ModelNotFound, NotAvailable

_OF_OPENAI: Final = ("omni-moderation", "text-moderation")
NONE: Final = (
    "This box has no moderation model, so nothing was looked at. Do not take this for a verdict. Who runs "
    "the box gives it one with `carrel config set moderation_model MODEL`, such as qwen3guard-gen-0.6b."
)


class Names(Protocol):
    """What a model's name means."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


@dataclass(frozen=True, slots=True)
class GuardModel:
    """``model`` is how requests name it."""

    model: str
    guard: Guard


class Guards:
    """``model`` is the setting; empty: none."""

    def __init__(self, names: Names, model: str) -> None:
        self._names = names
        self._model = model

    def guard(self, asked: str | None) -> GuardModel:
        """For a request that names ``asked``: OpenAI's names and none at all mean the box's own.

        Raises ``NotAvailable``, ``ModelNotFound``, ``BadRequest`` for a model that is no guard.
        """
        own = asked is None or asked == self._model or self._is_openais(asked)
        model = self._model if own else asked or ""
        if not model:
            raise NotAvailable(NONE)
        recipe, form = self._names.find(model)
        if not recipe.guard:
            raise BadRequest(
                f"{recipe.id} is no guard model: its recipe has no `guard`, so its answers are no verdicts.",
                param=None if own else "model",
            )
        return GuardModel(recipe.model_id(form), recipe.guard)

    def _is_openais(self, asked: str) -> bool:
        if not asked.startswith(_OF_OPENAI):
            return False
        try:
            self._names.find(asked)
        except ModelNotFound:
            return True
        return False
