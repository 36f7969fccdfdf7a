"""`carrel registry lease policy`: what leases of a model are like, shown or changed."""

import re
from dataclasses import replace
from typing import Final, Literal

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import office
from appliance.domain.results import RegistryPolicies, RegistryPolicy
from appliance.errors import BadRequest
from appliance.registry.leasing.policies import restricted as fitting
from appliance.registry.operating.leases import list_policies, policy_of, set_policy
from appliance.registry.store.policies import Policy

_NONE: Final = "none"
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


def policy(
    desk: Desk,
    *,
    at: str | None,
    model: str | None,
    days: int | None,
    grace_days: int | None,
    term_days: int | None,
    term_grace_days: int | None,
    needs_agreement: Literal["yes", "no"] | None,
    needs_application: Literal["yes", "no"] | None,
    terms_sha256: str | None,
    countersign: Literal["person", "at-once"] | None,
    restricted: bool,
) -> RegistryPolicies:
    """All that were set, one, or one as it is from now on. Raises ``BadRequest``, ``NotFound``,
    ``StorageUnavailable``.
    """
    given: dict[str, str | int | bool | None] = {
        "days": days,
        "grace_days": grace_days,
        "term_days": term_days,
        "term_grace_days": term_grace_days,
        "needs_agreement": needs_agreement and needs_agreement == "yes",
        "needs_application": needs_application and needs_application == "yes",
        "terms_sha256": "" if terms_sha256 == _NONE else terms_sha256,
        "countersigns_at_once": countersign and countersign == "at-once",
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if terms_sha256 not in {None, _NONE} and not _SHA256.match(terms_sha256 or ""):
        raise BadRequest("That is no SHA-256: 64 hex digits, or `none`.", param="terms_sha256")
    if (wanted or restricted) and model is None:
        raise BadRequest("Say of which model: its id, or * for all without a policy.", param="model")
    with office(desk, at) as here:
        if model is None:
            return RegistryPolicies(policies=tuple(_shown(one) for one in list_policies(here)))
        chosen = policy_of(here, model)
        if wanted or restricted:
            chosen = _changed(chosen, wanted, restricted=restricted)
            set_policy(here, chosen)
    return RegistryPolicies(policies=(_shown(chosen),))


def _changed(before: Policy, wanted: dict[str, str | int | bool], *, restricted: bool) -> Policy:
    base = fitting(before.model, before.terms_sha256) if restricted else before
    return replace(base, **wanted)  # type: ignore[arg-type]


def _shown(one: Policy) -> RegistryPolicy:
    return RegistryPolicy(
        model=one.model,
        days=one.days,
        grace_days=one.grace_days,
        term_days=one.term_days,
        term_grace_days=one.term_grace_days,
        needs_agreement=one.needs_agreement,
        needs_application=one.needs_application,
        terms_sha256=one.terms_sha256,
        countersigns_at_once=one.countersigns_at_once,
    )
