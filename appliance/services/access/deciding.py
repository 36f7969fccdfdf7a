"""What somebody lacks for a model now: the rule of ``policy.access``, on what this box knows. From memory."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.access import AccessDecision, AccessFacts, Application, Asker, Countersignature
from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID, Caller, Project
from appliance.domain.recipe import Recipe
from appliance.policy.access.deciding import decide
from appliance.services.access.agreements import AgreementBook
from appliance.services.access.early import EarlyBook
from appliance.services.access.grants import GrantBook
from appliance.services.access.ports import Directory
from appliance.services.access.registry_standing import RegistryStanding


class Countersignatures(Protocol):
    """The registry's."""

    def of(self, grants: Sequence[str]) -> tuple[Countersignature, ...]:
        """Those of some grants."""
        ...


class Waiting(Protocol):
    """Applications that wait."""

    def of(self, project: str, model: str, tier: str) -> Application | None:
        """A project's that is for this model."""
        ...


class AccessRule:
    """Asked at every request and for every list."""

    def __init__(
        self,
        directory: Directory,
        *,
        agreements: AgreementBook,
        grants: GrantBook,
        countersignatures: Countersignatures,
        waiting: Waiting,
        early: EarlyBook,
        standing: RegistryStanding,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._agreements = agreements
        self._grants = grants
        self._countersignatures = countersignatures
        self._waiting = waiting
        self._early = early
        self._standing = standing
        self._clock = clock

    def decision(self, caller: Caller, recipe: Recipe) -> AccessDecision:
        """Whether they may use it, by which grant, or what to do."""
        if recipe.tier == "open" and self._early.of(recipe.id) is None:
            return AccessDecision()
        asker = self.asker(caller)
        return decide(
            recipe.id,
            recipe.tier,
            asker=asker,
            facts=self._facts(asker, recipe),
            now_ms=self._clock.now_ms(),
        )

    def is_open_to(self, caller: Caller, recipe: Recipe) -> bool:
        """Whether they may use it, or could by an act of their own."""
        found = self.decision(caller, recipe)
        return found.allowed or found.own_act

    def lacks_for_box(self, model: str, tier: str) -> str:
        """What is missing before the box fetches or starts it, as a sentence; empty: nothing."""
        return self._grants.lacks_for_box(model, tier)

    def current_grants(self, model: str, tier: str) -> int:
        """How many projects have a grant for it now."""
        return self._grants.current_grants(model, tier)

    def asker(self, caller: Caller) -> Asker:
        """Whom the decision is about. A project that is not known has no purpose and no leads."""
        person = "" if caller.person_id == DEFAULT_ID else caller.person_id
        project = self._directory.project(caller.project_id)
        return Asker(
            person,
            project or Project(caller.project_id, caller.project_id, 0),
            self._directory.part(caller.project_id, person) if person else None,
            tuple(self._directory.leads(caller.project_id)),
        )

    def _facts(self, asker: Asker, recipe: Recipe) -> AccessFacts:
        conduct = self._agreements.current("conduct")
        grants = self._grants.of(asker.project.id, recipe.id, recipe.tier)
        return AccessFacts(
            conduct=conduct.text_sha256,
            agreement=self._agreements.current("access").text_sha256,
            accepted=self._agreements.accepted("conduct"),
            asks_from_ms=conduct.asks_from_ms,
            signatures=self._agreements.signatures(asker.person, asker.project.id),
            grants=grants,
            countersigned=self._countersignatures.of([one.id for one in grants]),
            application=self._waiting.of(asker.project.id, recipe.id, recipe.tier),
            early=self._early.of(recipe.id),
            registry=self._standing.presence if grants else "none",
            asked=next((self._standing.asked(one, recipe.id) for one in grants if one.application), None),
        )
