"""What a caller may use, lacks and can do about it, model by model: for ``GET /v1/me``."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from appliance.domain.access import AccessDecision, OwnAccess
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.policy.access.deciding import asks_grant


class Rule(Protocol):
    """Who knows what somebody lacks."""

    def decision(self, caller: Caller, recipe: Recipe) -> AccessDecision:
        """From memory."""
        ...


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...


class OwnAccesses:
    """Models that run and ask for something, and those that one can apply for. ``running`` tells the ids of
    recipes that run, in whatever form.
    """

    def __init__(self, catalog: Catalog, running: Callable[[], Collection[str]], rule: Rule) -> None:
        self._catalog = catalog
        self._running = running
        self._rule = rule

    def of(self, caller: Caller) -> Sequence[OwnAccess]:
        """In the catalog's order."""
        running = self._running()
        found = [
            OwnAccess(one.id, one.tier, self._rule.decision(caller, one))
            for one in self._catalog.recipes
            if one.id in running or (asks_grant(one.tier) and not one.draft)
        ]
        return [one for one in found if one.tier != "open" or not one.decision.allowed]
