"""What a gate is: one rule that every request goes through before it is prepared."""

from dataclasses import dataclass, replace
from typing import Protocol

from appliance.domain.generation import AnyRequest
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Asked:
    """A request at a gate.

    ``recipe`` is that of the model as the catalog has it now. ``request`` is None where only the permission
    is asked for: for lists, for tokens to be counted, and again once a request holds its budget. ``notices``
    are sentences that the caller is told with the answer.
    """

    caller: Caller
    recipe: Recipe
    model: str
    """With its form: the id that is served."""
    request: AnyRequest | None
    now_ms: int
    notices: tuple[str, ...] = ()

    def noticed(self, sentence: str) -> "Asked":
        """With one more sentence for the caller."""
        return replace(self, notices=(*self.notices, sentence))


class Gate(Protocol):
    """One rule. It answers from memory: it must not wait, and it raises nothing but errors of Carrel."""

    @property
    def name(self) -> str:
        """One word, as refusals and the log of decisions tell it."""
        ...

    def let(self, asked: Asked) -> Asked:
        """What goes on to the next gate: the same, or with a request of another form.

        Raises ``NotPermitted``, ``NotLicensed``, ``RateLimited``, ``BadRequest``.
        """
        ...
