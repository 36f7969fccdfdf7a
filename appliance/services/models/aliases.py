"""Other names of models, from the settings. One is looked up once: it names a model, never another alias."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from appliance.domain.model import MODEL_ID, ModelCard
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import ConfigInvalid, ModelNotFound
from appliance.services.models.ports import Catalog

Find = Callable[[str], tuple[Recipe, RecipeForm] | None]


class Aliases:
    """Name to model, looked up in the catalog as it is now. Empty by default."""

    def __init__(self, models: Mapping[str, str] | None = None, find: Find = lambda _name: None) -> None:
        self._models = dict(models or {})
        self._find = find

    @classmethod
    def read(cls, written: Iterable[str], catalog: Catalog) -> "Aliases":
        """From ``alias=model`` texts. Raises ``ConfigInvalid`` for a taken name.

        A model that is not there is no error: a catalog may have withdrawn it, and the box starts all the
        same.
        """
        find = partial(_found, catalog)
        models: dict[str, str] = {}
        for text in written:
            alias, _, model = text.rpartition("=")
            if alias in models:
                raise _invalid(f"the alias {alias} is there twice")
            if (found := find(alias)) and found[0].approval.by == "release":
                raise _invalid(f"{alias} is the name of a model, so it cannot be another one's alias")
            models[alias] = model
        for alias, model in models.items():
            if model in models and not find(model):
                raise _invalid(f"{alias} names {model}, an alias too; name the model itself")
        return cls(models, find)

    def model(self, name: str) -> str:
        """The model that is meant; the name itself where it is no alias, or a model has it."""
        target = self._models.get(name)
        if target is None or self._find(name):
            return name
        found = self._find(target)
        return found[0].model_id(found[1]) if found else target

    def lost(self) -> list[str]:
        """Those whose model is not in the catalog."""
        return [alias for alias, model in self._models.items() if not self._find(model)]

    def with_aliases(self, cards: Sequence[ModelCard]) -> list[ModelCard]:
        """The same cards, and after them one for each alias of a model among them."""
        by_id = {card.id: card for card in cards}
        others = [
            replace(by_id[model], id=alias, alias_of=model)
            for alias in self._models
            if (model := self.model(alias)) in by_id and model != alias
        ]
        return [*cards, *others]


def _found(catalog: Catalog, name: str) -> tuple[Recipe, RecipeForm] | None:
    if not MODEL_ID.match(name):
        return None
    try:
        return catalog.find(name)
    except ModelNotFound:
        return None


def _invalid(why: str) -> ConfigInvalid:
    return ConfigInvalid(f"The setting `aliases` cannot be used: {why}.", param="aliases")
