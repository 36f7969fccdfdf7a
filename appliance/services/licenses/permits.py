"""May this be done with this model now? Asked when pulling, when loading and at every request.

All answers come from memory. Who may ask for an answer besides, tiers decide: ``services.access``.
"""

from appliance.domain.license import Standing
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.errors import NotLicensed
from appliance.policy.licenses import Act, Decision, decide, needs_nothing
from appliance.services.licenses.ports import Leases, NoLeases, NoTiers, Tiers
from appliance.services.licenses.register import Register


class Permits:
    """The rule of ``policy.licenses``, on what this box knows."""

    def __init__(
        self,
        register: Register,
        leases: Leases = NoLeases(),  # noqa: B008 - has no state
        tiers: Tiers = NoTiers(),  # noqa: B008 - has no state
    ) -> None:
        self._register = register
        self._leases = leases
        self._tiers = tiers

    def check(self, recipe: Recipe, act: Act) -> None:
        """For the box: pulling and loading. Raises ``NotLicensed``."""
        _require(self.decision(recipe, act))

    def check_request(self, caller: Caller, recipe: Recipe) -> None:
        """For one caller: an answer. Raises ``NotLicensed``."""
        _require(self.decision(recipe, Act.ANSWER, caller))

    def decision(self, recipe: Recipe, act: Act, caller: Caller | None = None) -> Decision:
        """The same without an exception. ``caller`` is needed for an answer."""
        found = decide(
            recipe.id,
            recipe.terms,
            act=act,
            standing=self.standing(recipe, caller),
            person="" if caller is None else caller.holder,
        )
        if not found.allowed or act is Act.ANSWER:
            return found
        message = self._tiers.lacks_for_box(recipe.id, recipe.tier)
        return Decision(False, "grant", message) if message else found

    def lists(self, caller: Caller, recipe: Recipe) -> bool:
        """Whether a caller finds it in lists: it answers them, or would after an act of their own."""
        own = self.decision(recipe, Act.ANSWER, caller).lacks in {"", "personal_acceptance"}
        return own and self._tiers.is_open_to(caller, recipe)

    def standing(self, recipe: Recipe, caller: Caller | None = None) -> Standing:
        """All that the rule looks at: of one caller, or of the box."""
        if needs_nothing(recipe.terms):
            return Standing()
        lease = self._leases.of(recipe.id) if recipe.terms.lease else None
        return self._register.standing(recipe.id, caller, lease)

    def people(self, model: str) -> int:
        """How many have accepted its license for themselves."""
        return self._register.people(model)

    def current_grants(self, recipe: Recipe) -> int:
        """How many projects have a grant for it now."""
        return self._tiers.current_grants(recipe.id, recipe.tier)


def _require(decision: Decision) -> None:
    if not decision.allowed:
        raise NotLicensed(decision.message, lacks=decision.lacks)
