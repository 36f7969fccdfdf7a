"""Terms and acceptances as operators are shown them."""

from appliance.domain.license import Acceptance, LicenseTerms, Standing
from appliance.domain.recipe import Recipe
from appliance.domain.results import AcceptanceSummary, LicenseLine, ModelTerms
from appliance.policy.access.deciding import asks_grant
from appliance.policy.licenses import Act, Decision
from appliance.services.licenses.permits import Permits


def model_terms(recipe: Recipe, permits: Permits) -> ModelTerms:
    """``model show`` and ``license show``: the terms, and how the box stands with them."""
    terms, standing = recipe.terms, permits.standing(recipe)
    return ModelTerms(
        model=recipe.id,
        expression=terms.expression,
        title=terms.title,
        tier=recipe.tier,
        text_sha256=terms.text_sha256,
        acceptance=terms.acceptance,
        uses_allowed=terms.uses_allowed,
        uses_denied=terms.uses_denied,
        redistribution=terms.redistribution,
        derivatives=terms.derivatives,
        attribution=terms.attribution,
        output_terms=terms.output_terms,
        needs_grant=asks_grant(recipe.tier),
        needs_lease=terms.lease,
        on_lapse=terms.on_lapse,
        on_revocation=terms.on_revocation,
        accepted=_accepted(terms, standing),
        grants=permits.current_grants(recipe),
        lease_state=standing.lease.state if standing.lease else None,
        lease_until_ms=standing.lease.until_ms if standing.lease else None,
        **_lack(permits.decision(recipe, Act.LOAD)),
    )


def license_line(recipe: Recipe, permits: Permits, people: int) -> LicenseLine:
    """One line of ``license list``."""
    return LicenseLine(
        model=recipe.id,
        expression=recipe.terms.expression,
        tier=recipe.tier,
        acceptance=recipe.terms.acceptance,
        needs_lease=recipe.terms.lease,
        people=people,
        **_lack(permits.decision(recipe, Act.LOAD)),
    )


def acceptance_summary(one: Acceptance, terms: LicenseTerms | None, *, believed: bool) -> AcceptanceSummary:
    """``terms`` are those of the model now; None where it is in the catalog no more."""
    return AcceptanceSummary(
        id=one.id,
        model=one.model,
        person=one.person,
        who=one.who,
        authority=one.authority,
        purpose=one.purpose,
        text_sha256=one.text_sha256,
        accepted_ms=one.accepted_ms,
        withdrawn_ms=one.withdrawn_ms,
        state=_state(one, terms, believed=believed),
    )


def _state(one: Acceptance, terms: LicenseTerms | None, *, believed: bool) -> str:
    if not believed:
        return "not believed"
    if one.withdrawn_ms is not None:
        return "withdrawn"
    same = terms is not None and one.text_sha256 == terms.text_sha256
    return "holds" if same else "another text"


def _accepted(terms: LicenseTerms, standing: Standing) -> AcceptanceSummary | None:
    found = [one for one in standing.institution if one.text_sha256 == terms.text_sha256]
    return acceptance_summary(found[-1], terms, believed=True) if found else None


def _lack(decision: Decision) -> dict[str, str | None]:
    return {"lacks": decision.lacks or None, "next_step": decision.message or None}
