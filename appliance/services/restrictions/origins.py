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


class Lessons(Protocol):
    """What holds for members of a class."""

    def rename(self, caller: Caller, name: str) -> str:
        """The model that they mean by a name."""
        ...

    def check_address(self, caller: Caller) -> None:
        """Raises ``NotPermitted``."""
        ...


class NoLessons:
    """Nobody is of a class."""

    def rename(self, caller: Caller, name: str) -> str:  # noqa: ARG002 - whoever it is
        """The same."""
        return name

    def check_address(self, caller: Caller) -> None:
        """From anywhere."""


class Origins:
    """See ``batches.ports.Origins``."""

    def __init__(
        self,
        names: Names,
        gate: RestrictionGate,
        lessons: Lessons = NoLessons(),  # noqa: B008 - has no state
    ) -> None:
        self._names = names
        self._gate = gate
        self._lessons = lessons

    def check(self, caller: Caller, model: str) -> None:
        """Raises ``NotPermitted``. Of a model that does not exist each line is told by itself."""
        self._lessons.check_address(caller)
        try:
            recipe, _ = self._names.find(self._lessons.rename(caller, model))
        except ModelNotFound:
            return
        self._gate.check_address(caller, recipe.id)
