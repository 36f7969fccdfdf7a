"""What owners of shared models say of them: restrictions that came with the entry, beside the lab's own."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from appliance.domain.recipe import Recipe
from appliance.domain.restriction import NO_LIMITS, Restriction, Scope
from appliance.errors import BadRequest, ModelNotFound, Restricted
from appliance.policy.restrictions.combining import Rule


class Owners(Protocol):
    """Who knows them, as the catalog is now."""

    def of(self, model: str) -> Restriction | None:
        """Of a recipe's id; None where its owner says nothing, or nobody owns it."""
        ...

    def all(self) -> Sequence[Restriction]:
        """Of every model."""
        ...


class NoOwners:
    """A box without shared models."""

    def of(self, _model: str) -> Restriction | None:
        """None."""
        return None

    def all(self) -> Sequence[Restriction]:
        """Nothing."""
        return ()


class CatalogOwners:
    """Of the entries of a catalog. ``find`` raises ``ModelNotFound``."""

    def __init__(self, find: Callable[[str], Recipe], every: Callable[[], Iterable[Recipe]]) -> None:
        self._find = find
        self._every = every

    def of(self, model: str) -> Restriction | None:
        """As its entry says now."""
        try:
            return _of(self._find(model))
        except ModelNotFound:
            return None

    def all(self) -> Sequence[Restriction]:
        """Of every entry that says something."""
        return [said for one in self._every() if (said := _of(one)) is not None]


def rule_of(restriction: Restriction) -> Rule:
    """Read. Raises ``Restricted``: what cannot be read lets nothing through."""
    try:
        return Rule.of(restriction)
    except BadRequest as error:
        raise Restricted(
            f"What the owner of {restriction.scope.name} allows cannot be read by this box, so nothing is. "
            "Ask who runs the box.",
            restriction=restriction.name,
            limit="",
            waits_for="operator",
        ) from error


def _of(recipe: Recipe) -> Restriction | None:
    sharing = recipe.sharing
    if sharing is None or sharing.restrictions == NO_LIMITS:
        return None
    why = sharing.why or f"as {sharing.organization} shares it"
    return Restriction(
        Scope("owner", recipe.id), recipe.revision, sharing.restrictions, why, sharing.organization, 0
    )
