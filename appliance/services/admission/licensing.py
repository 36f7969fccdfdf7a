"""The first gate: the license of the model, for this caller."""

from typing import Final, Protocol

from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.services.admission.gates import Asked


class Permits(Protocol):
    """Who knows what was accepted, granted and leased."""

    def check_request(
        self, caller: Caller, recipe: Recipe, form: RecipeForm | None = None
    ) -> tuple[str, ...]:
        """What they are told with the answer. Raises ``NotLicensed``."""
        ...


class LicenseGate:
    """The terms are those of the catalog as it is now, whatever recipe a model was started with."""

    name: Final = "license"

    def __init__(self, permits: Permits) -> None:
        self._permits = permits

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotLicensed``."""
        form = asked.recipe.form_of(asked.model)
        for sentence in self._permits.check_request(asked.caller, asked.recipe, form):
            asked = asked.noticed(sentence)
        return asked
