"""What a teacher may mean by a model or an address, as this machine has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.model import ModelState
from appliance.lan.interfaces import interfaces, is_own
from appliance.policy.classes.shape import MOST_MODELS
from appliance.services.models.models import ModelService


@dataclass(frozen=True, slots=True)
class ClassModels:
    """What a teacher means by the name of a model."""

    models: ModelService

    def ids(self, names: Sequence[str]) -> tuple[str, ...]:
        """Raises ``ModelNotFound``."""
        found = [self.models.permitting.find(name) for name in names]
        return tuple(recipe.model_id(form) for recipe, form in found)

    def running(self) -> tuple[str, ...]:
        """What writes answers."""
        ready = [one for one in self.models.present if one.state is ModelState.READY and not one.lent]
        return tuple(one.id for one in ready if not one.recipe.pooling)[:MOST_MODELS]

    def answers(self, model: str) -> bool:
        """Whether one does."""
        return any(one.id == model and one.state is ModelState.READY for one in self.models.present)


def is_of_this_machine(address: str) -> bool:
    """Whether one of its interfaces has the address."""
    return is_own(address, interfaces())
