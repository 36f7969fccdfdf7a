"""What a model's name means to a request, and whether its license lets it be listed and loaded."""

from dataclasses import dataclass

from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ModelTerms
from appliance.policy.licenses import Act
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.presenting import model_terms
from appliance.services.models.aliases import Aliases
from appliance.services.models.finding import Finder


@dataclass(frozen=True, slots=True)
class Permitting:
    """The terms are those of the catalog as it is now, whatever recipe a model was started with."""

    names: Finder
    aliases: Aliases
    permits: Permits

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        return self.names.find(self.aliases.model(model))

    def lists(self, caller: Caller, model_id: str) -> bool:
        """Whether this caller finds the model in lists: it answers them, or would once they themselves have
        accepted its license or signed what its tier asks.
        """
        recipe, _ = self.names.find(model_id)
        return self.permits.lists(caller, recipe)

    def lacks(self, recipe: Recipe) -> str | None:
        """What of its license keeps it from being loaded, in one word; None: nothing."""
        return self.permits.decision(recipe, Act.LOAD).lacks or None

    def terms(self, recipe: Recipe) -> ModelTerms:
        """As ``model show`` tells them."""
        return model_terms(recipe, self.permits)
