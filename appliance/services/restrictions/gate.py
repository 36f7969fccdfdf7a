"""The gate that keeps requests within what the lab allows of a model."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from appliance.domain.generation import AnyRequest, ServiceClass
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.domain.restriction import Right
from appliance.errors import CarrelError, Restricted, TryAgain
from appliance.policy.restrictions.applying import apply
from appliance.policy.restrictions.combining import InForce
from appliance.policy.restrictions.deciding import Change, Refusal, told_by
from appliance.policy.restrictions.refusing import Around, refused_address
from appliance.services.admission.gates import Asked

LocalTime = Callable[[int], datetime]
"""What the box's clock on the wall shows at a time in ms since 1970 UTC."""


class Book(Protocol):
    """Who knows what holds."""

    def in_force(self, model: str, project: str) -> InForce:
        """For a model (a recipe's id) asked for a project."""
        ...


class Changes(Protocol):
    """Who hears that a request was changed."""

    def changed(self, asked: Asked, change: Change) -> None:
        """It will be computed in this form."""
        ...


class RestrictionGate:
    """Refuses what a request states over a cap, and sets within it what it does not state."""

    name: Final = "restrictions"

    def __init__(self, book: Book, changes: Changes, local: LocalTime) -> None:
        self._book = book
        self._changes = changes
        self._local = local

    def let(self, asked: Asked) -> Asked:
        """Raises ``Restricted``; ``TryAgain`` for a line of a batch outside of the hours."""
        request = asked.request
        if request is None:
            return asked
        in_force = self._book.in_force(asked.recipe.id, asked.caller.project_id)
        if not in_force.rules:
            return asked
        found = apply(request, in_force, self.around(asked.recipe, asked.caller.address, asked.now_ms))
        if isinstance(found, Refusal):
            raise _error(found, request)
        for change in found.changes:
            self._changes.changed(asked, change)
            asked = asked.noticed(change.message)
        return replace(asked, request=found.request)

    def around(self, recipe: Recipe, address: str, now_ms: int) -> Around:
        """What a request of a model is judged by beside itself."""
        return Around(self._local(now_ms), address, recipe.chats, recipe.defaults)

    def check_address(self, caller: Caller, model: str) -> None:
        """Whether a batch that asks a model (a recipe's id) may come from where it does. Raises
        ``Restricted``.
        """
        refusal = refused_address(self._book.in_force(model, caller.project_id), caller.address)
        if refusal is not None:
            raise error_of(refusal)

    def check_right(self, project: str, model: str, right: Right) -> None:
        """Whether something else than asking may be done with a model. Raises ``Restricted``."""
        against = self._book.in_force(model, project).against(right)
        if against is not None:
            raise Restricted(
                f"{right.replace('_', ' ').capitalize()} of {model} is not allowed: {told_by(against)}. Ask "
                "who runs the box.",
                restriction=against.name,
                limit=right,
                waits_for="admin",
            )


def error_of(refusal: Refusal) -> Restricted:
    """As a caller is told it."""
    return Restricted(
        refusal.message,
        restriction=refusal.by.name,
        limit=refusal.limit,
        waits_for=refusal.waits_for,
        param=refusal.param,
        retry_after_s=refusal.later_s,
    )


def _error(refusal: Refusal, request: AnyRequest) -> CarrelError:
    if refusal.later_s is not None and request.service_class is ServiceClass.OVERNIGHT:
        # The line of a batch waits for the hours.
        return TryAgain(refusal.message, retry_after_s=refusal.later_s)
    return error_of(refusal)
