"""The restrictions that hold now, in memory: what every request is asked against, without a query."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.policy.restrictions.combining import InForce, Rule
from appliance.policy.restrictions.stating import said
from appliance.services.restrictions.owners import NoOwners, Owners, rule_of

MOST_JOINED: Final = 4096
"""Combinations that are remembered: of a model and a project each."""


class Restrictions(Protocol):
    """Where versions are remembered."""

    async def add(
        self, scope: Scope, limits: Limits, *, why: str, by: str, now_ms: int, removed: bool = False
    ) -> Restriction:
        """The next version for a scope."""
        ...

    async def latest(self) -> Sequence[Restriction]:
        """The last version for each scope."""
        ...

    async def history(self, scope: Scope) -> Sequence[Restriction]:
        """All versions for a scope, the newest first."""
        ...


class RestrictionBook:
    """Whoever stores a version tells it here; the next request is asked by it. ``tier_of`` tells a recipe's
    tier, empty for one that is gone. ``owners`` say what came with shared models.
    """

    def __init__(
        self,
        tier_of: Callable[[str], str],
        owners: Owners = NoOwners(),  # noqa: B008 - has no state
    ) -> None:
        self._tier_of = tier_of
        self._owners = owners
        self._rules: dict[str, Rule] = {}
        self._joined: dict[tuple[str, str, str, Restriction | None], InForce] = {}

    async def load(self, stored: Restrictions) -> None:
        """Learn what is on the disk."""
        for restriction in await stored.latest():
            self.put(restriction)

    def put(self, restriction: Restriction) -> None:
        """A new version. Raises ``BadRequest`` as ``Rule.of``."""
        if restriction.removed:
            self._rules.pop(restriction.scope.id, None)
        else:
            self._rules[restriction.scope.id] = Rule.of(restriction)
        self._joined.clear()

    def of_scope(self, scope: Scope) -> Restriction | None:
        """What holds for a scope; None: nothing."""
        found = self._rules.get(scope.id)
        return None if found is None else found.restriction

    def all(self) -> Sequence[Restriction]:
        """Everything that holds, the widest first; what owners say comes last."""
        return [*(rule.restriction for rule in InForce.of(*self._rules.values()).rules), *self._owners.all()]

    def in_force(self, model: str, project: str) -> InForce:
        """Everything that holds for a model (a recipe's id) asked for a project. Raises ``Restricted`` where
        what its owner says cannot be read.
        """
        name = model, self._tier_of(model), project, self._owners.of(model)
        found = self._joined.get(name)
        if found is None:
            if len(self._joined) >= MOST_JOINED:
                self._joined.clear()
            found = self._joined[name] = self._join(*name)
        return found

    def of_project(self, project: str) -> Sequence[Restriction]:
        """Everything that a request for a project can meet, whatever model it asks."""
        return [one for one in self.all() if one.scope.kind != "project" or one.scope.name == project]

    def said_of(self, model: str) -> tuple[str, ...]:
        """What holds for a model (a recipe's id), whoever asks it: one sentence for each restriction."""
        rules = self.in_force(model, "").rules
        return tuple(
            f"{one.restriction.name}: {'; '.join(said(one.limits))} ({one.restriction.why})" for one in rules
        )

    def _join(self, model: str, tier: str, project: str, owner: Restriction | None) -> InForce:
        rules = self._rules.values()
        return InForce.of(
            *(one for one in rules if one.restriction.scope.covers(model=model, tier=tier, project=project)),
            *([] if owner is None else [rule_of(owner)]),
        )
