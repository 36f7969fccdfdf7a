"""Other names of models, from the settings. One is looked up once: it names a model, never another alias."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from appliance.domain.model import MODEL_ID, ModelCard
from appliance.errors import ConfigInvalid, ModelNotFound
from appliance.services.models.ports import Catalog


class Aliases:
    """Name to model. Empty by default."""

    def __init__(self, models: Mapping[str, str] | None = None) -> None:
        self._models = dict(models or {})

    @classmethod
    def read(cls, written: Iterable[str], catalog: Catalog) -> "Aliases":
        """From ``alias=model`` texts. Raises ``ConfigInvalid`` for a taken name or an unknown model."""
        models: dict[str, str] = {}
        for text in written:
            alias, _, model = text.rpartition("=")
            if alias in models:
                raise _invalid(f"the alias {alias} is there twice")
            if _names_a_model(alias, catalog):
                raise _invalid(f"{alias} is the name of a model, so it cannot be another one's alias")
            if not _names_a_model(model, catalog):
                raise _invalid(f"{model} is no model of the catalog; `carrel model list --all` shows them")
            recipe, form = catalog.find(model)
            models[alias] = recipe.model_id(form)
        return cls(models)

    def model(self, name: str) -> str:
        """The model that is meant; the name itself where it is no alias."""
        return self._models.get(name, name)

    def with_aliases(self, cards: Sequence[ModelCard]) -> list[ModelCard]:
        """The same cards, and after them one for each alias of a model among them."""
        by_id = {card.id: card for card in cards}
        others = [
            replace(by_id[model], id=alias, alias_of=model)
            for alias, model in self._models.items()
            if model in by_id
        ]
        return [*cards, *others]


def _names_a_model(name: str, catalog: Catalog) -> bool:
    if not MODEL_ID.match(name):
        return False
    try:
        catalog.find(name)
    except ModelNotFound:
        return False
    return True


def _invalid(why: str) -> ConfigInvalid:
    return ConfigInvalid(f"The setting `aliases` cannot be used: {why}.", param="aliases")
