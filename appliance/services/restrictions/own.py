"""What a caller is told of restrictions: those of the models that they may use."""

from collections.abc import Sequence

from appliance.domain.me import ModelRestriction
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller
from appliance.policy.restrictions.stating import said
from appliance.services.restrictions.book import RestrictionBook


class OwnRestrictions:
    """See ``me.Restrictions``."""

    def __init__(self, book: RestrictionBook) -> None:
        self._book = book

    def of_caller(self, caller: Caller, models: Sequence[ModelCard]) -> Sequence[ModelRestriction]:
        """Each restriction once, with the models that it is met with."""
        held = {model.id: self._of(caller, model) for model in models}
        found = [
            ModelRestriction(
                name=one.name,
                models=tuple(model for model, names in held.items() if one.name in names),
                says=said(one.limits),
                why=one.why,
                since_ms=one.since_ms,
            )
            for one in self._book.all()
        ]
        return [one for one in found if one.models]

    def _of(self, caller: Caller, model: ModelCard) -> frozenset[str]:
        recipe = (model.alias_of or model.id).partition("@")[0]
        rules = self._book.in_force(recipe, caller.project_id).rules
        return frozenset(rule.restriction.name for rule in rules)
