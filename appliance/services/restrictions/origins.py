"""From where batches may be sent: looked at once, since their lines come from nowhere."""

from typing import Protocol

from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import ModelNotFound
from appliance.services.restrictions.gate import RestrictionGate


class Names(Protocol):
    """Which models there are."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


class Origins:
    """See ``batches.ports.Origins``."""

    def __init__(self, names: Names, gate: RestrictionGate) -> None:
        self._names = names
        self._gate = gate

    def check(self, caller: Caller, model: str) -> None:
        """Raises ``Restricted``. Of a model that does not exist each line is told by itself."""
        try:
            recipe, _ = self._names.find(model)
        except ModelNotFound:
            return
        self._gate.check_address(caller, recipe.id)
