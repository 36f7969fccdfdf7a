"""May this be done with this model now? Asked when pulling, when loading and at every request.

All answers come from memory. Who may ask for an answer besides, tiers decide: ``services.access``.
"""

from collections.abc import Callable

from appliance.domain.license import LeaseNeed, Standing
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import NotLicensed
from appliance.policy.licenses import Act, Decision, decide, needs_nothing, served_on, why_no_grant
from appliance.services.licenses.ports import Leases, Lent, NoLeases, NothingLent, NoTiers, Tiers
from appliance.services.licenses.register import Register


class Permits:
    """The rule of ``policy.licenses``, on what this box knows. ``purpose_of`` tells of a project's id what it
    is for, in one word.
    """

    def __init__(
        self,
        register: Register,
        leases: Leases = NoLeases(),  # noqa: B008 - has no state
        tiers: Tiers = NoTiers(),  # noqa: B008 - has no state
        *,
        purpose_of: Callable[[str], str] = lambda _project: "",
        lent: Lent = NothingLent(),  # noqa: B008 - has no state
    ) -> None:
        self._register = register
        self._leases = leases
        self._tiers = tiers
        self._purpose_of = purpose_of
        self._lent = lent

    def check(self, recipe: Recipe, act: Act, form: RecipeForm | None = None) -> None:
        """For the box: pulling and loading, of one form where it is known. Raises ``NotLicensed``."""
        _require(self.decision(recipe, act, form=form))

    def check_request(
        self, caller: Caller, recipe: Recipe, form: RecipeForm | None = None
    ) -> tuple[str, ...]:
        """For one caller: an answer. What they are told with it. Raises ``NotLicensed``."""
        _require(self.decision(recipe, Act.ANSWER, caller, form))
        if not recipe.terms.lease:
            return ()
        sentence = served_on(recipe.id, self._leases.of(recipe.id, self._need(recipe, caller, form)))
        return (sentence,) if sentence else ()

    def decision(
        self, recipe: Recipe, act: Act, caller: Caller | None = None, form: RecipeForm | None = None
    ) -> Decision:
        """The same without an exception. ``caller`` is needed for an answer."""
        found = decide(
            recipe.id,
            recipe.terms,
            act=act,
            standing=self.standing(recipe, caller, form),
            person="" if caller is None else caller.holder,
        )
        if found.allowed and (message := self._lent.lacks(recipe)):
            return Decision(False, "access", message)
        if not found.allowed or act is Act.ANSWER:
            return found
        message = self._tiers.lacks_for_box(recipe.id, recipe.tier)
        return Decision(False, "grant", message) if message else found

    def lists(self, caller: Caller, recipe: Recipe) -> bool:
        """Whether a caller finds it in lists: it answers them, or would after an act of their own."""
        if self.decision(recipe, Act.ANSWER, caller).lacks not in {"", "personal_acceptance"}:
            return False
        lent = self._lent.may_ask(caller, recipe)
        return self._tiers.is_open_to(caller, recipe) if lent is None else lent

    def standing(
        self, recipe: Recipe, caller: Caller | None = None, form: RecipeForm | None = None
    ) -> Standing:
        """All that the rule looks at: of one caller, or of the box."""
        if needs_nothing(recipe.terms):
            return Standing()
        lease = self._leases.of(recipe.id, self._need(recipe, caller, form)) if recipe.terms.lease else None
        return self._register.standing(recipe.id, caller, lease)

    def why_no_grant(self, recipe: Recipe) -> str:
        """Why no further project may be let use it now, as a sentence; empty: nothing is against it."""
        return why_no_grant(recipe.id, self._leases.of(recipe.id)) if recipe.terms.lease else ""

    def people(self, model: str) -> int:
        """How many have accepted its license for themselves."""
        return self._register.people(model)

    def current_grants(self, recipe: Recipe) -> int:
        """How many projects have a grant for it now."""
        return self._tiers.current_grants(recipe.id, recipe.tier)

    def _need(self, recipe: Recipe, caller: Caller | None, form: RecipeForm | None) -> LeaseNeed:
        return LeaseNeed(
            file=form.sha256 if form is not None and form.files else "",
            text_sha256=recipe.terms.text_sha256,
            scope="embed" if recipe.pooling else "serve",
            purpose="" if caller is None else self._purpose_of(caller.project_id),
        )


def _require(decision: Decision) -> None:
    if not decision.allowed:
        raise NotLicensed(decision.message, lacks=decision.lacks)
