"""Takes requests through the gates, in order, and finds who looks on at them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.generation import AnyRequest
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import CarrelError
from appliance.services.admission.gates import Asked, Gate
from appliance.services.admission.watching import JoinedWatch, Watch, Watcher


class Names(Protocol):
    """What a request's model is."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


Rename = Callable[[Caller, str], str]
"""The name that a caller means by a name."""


def as_named(_caller: Caller, model: str) -> str:
    """Where nobody has names of their own."""
    return model


Refused = Callable[[Asked, str, CarrelError], None]
"""Hears of a refusal: at which gate, and why."""

LATER: Final = "preparing"
"""In place of a gate's name: what was let through all gates was refused once it was prepared."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may be computed, in the form in which it may.

    ``refused`` is told where a limit stands against it later on: the length of its prompt, a rate, a budget.
    """

    request: AnyRequest
    watch: Watch
    notices: tuple[str, ...] = ()
    refused: Callable[[CarrelError], None] = lambda _error: None


class Admission:
    """The gates of a box. ``rename`` is asked before any of them: what else a name means to its caller."""

    def __init__(
        self,
        names: Names,
        gates: Sequence[Gate],
        clock: Clock,
        *,
        watchers: Sequence[Watcher] = (),
        refused: Refused | None = None,
        rename: Rename = as_named,
    ) -> None:
        self._names = names
        self._rename = rename
        self._gates = tuple(gates)
        self._clock = clock
        self._watchers = tuple(watchers)
        self._refused = [] if refused is None else [refused]

    def on_refused(self, listener: Refused) -> None:
        """Tell ``listener`` too of every refusal."""
        self._refused.append(listener)

    def admit(self, caller: Caller, request: AnyRequest) -> Admitted:
        """The request as it may be computed, of the model that is meant. Raises ``ModelNotFound`` and what
        gates raise.
        """
        request = replace(request, model=self.rename(caller, request.model))
        asked = self._asked(caller, request.model, request)
        for gate in self._gates:
            asked = self._through(gate, asked)
        watches = [watch for one in self._watchers if (watch := one.watch(asked)) is not None]
        return Admitted(
            asked.request or request, JoinedWatch(watches), asked.notices, partial(self._tell, asked, LATER)
        )

    def check(self, caller: Caller, model: str) -> None:
        """Only whether the caller may ask this model now. Raises as ``admit`` does."""
        asked = self._asked(caller, self.rename(caller, model), None)
        for gate in self._gates:
            asked = self._through(gate, asked)

    def rename(self, caller: Caller, model: str) -> str:
        """The name by which others than the caller know what they ask for."""
        return self._rename(caller, model)

    def _through(self, gate: Gate, asked: Asked) -> Asked:
        try:
            return gate.let(asked)
        except CarrelError as error:
            self._tell(asked, gate.name, error)
            raise

    def _tell(self, asked: Asked, gate: str, error: CarrelError) -> None:
        for listener in self._refused:
            listener(asked, gate, error)

    def _asked(self, caller: Caller, model: str, request: AnyRequest | None) -> Asked:
        recipe, form = self._names.find(model)
        return Asked(caller, recipe, recipe.model_id(form), request, self._clock.now_ms())
