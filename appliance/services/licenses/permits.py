"""May this be done with this model now? Asked when pulling, when loading and at every request.

All answers come from memory: what was accepted and granted is in the register.
"""

from appliance.domain.clock import Clock
from appliance.domain.license import Standing
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.errors import NotLicensed
from appliance.policy.licenses import Act, Decision, decide, needs_nothing
from appliance.services.licenses.ports import Leases, NoLeases
from appliance.services.licenses.register import Register


class Permits:
    """The rule of ``policy.licenses``, on what this box knows."""

    def __init__(
        self,
        register: Register,
        clock: Clock,
        leases: Leases = NoLeases(),  # noqa: B008 - has no state
    ) -> None:
        self._register = register
        self._clock = clock
        self._leases = leases

    def check(self, recipe: Recipe, act: Act) -> None:
        """For the box: pulling and loading. Raises ``NotLicensed``."""
        _require(self.decision(recipe, act))

    def check_request(self, caller: Caller, recipe: Recipe) -> None:
        """For one caller: an answer. Raises ``NotLicensed``."""
        _require(self.decision(recipe, Act.ANSWER, caller))

    def decision(self, recipe: Recipe, act: Act, caller: Caller | None = None) -> Decision:
        """The same without an exception. ``caller`` is needed for an answer."""
        return decide(
            recipe.id,
            recipe.terms,
            recipe.tier,
            act=act,
            standing=self.standing(recipe, caller),
            now_ms=self._clock.now_ms(),
            person="" if caller is None else caller.holder,
            project="" if caller is None else caller.project_id,
        )

    def standing(self, recipe: Recipe, caller: Caller | None = None) -> Standing:
        """All that the rule looks at: of one caller, or of the box."""
        if needs_nothing(recipe.terms, recipe.tier):
            return Standing()
        lease = self._leases.of(recipe.id) if recipe.terms.lease else None
        return self._register.standing(recipe.id, caller, lease)

    def people(self, model: str) -> int:
        """How many have accepted its license for themselves."""
        return self._register.people(model)

    def current_grants(self, model: str) -> int:
        """How many projects have a grant for it now."""
        return self._register.current_grants(model, self._clock.now_ms())


def _require(decision: Decision) -> None:
    if not decision.allowed:
        raise NotLicensed(decision.message, lacks=decision.lacks)
