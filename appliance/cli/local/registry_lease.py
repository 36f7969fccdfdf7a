"""`carrel registry lease`: gives leases, takes them back, and says what leases of a model are like."""

from collections.abc import Callable
from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.local.registry_policy import policy
from appliance.cli.registry_folder import office
from appliance.domain.results import (
    RegistryLease,
    RegistryLeaseChanged,
    RegistryLeaseIssued,
    RegistryLeases,
)
from appliance.errors import NotFound
from appliance.registry.operating.finding import find_box
from appliance.registry.operating.leases import (
    issue_lease,
    list_leases,
    resume_lease,
    revoke_lease,
    suspend_lease,
)
from appliance.registry.operating.office import Office
from appliance.registry.store.leases import StoredLease


def list_all(desk: Desk, *, at: str | None, box: str | None, model: str | None) -> RegistryLeases:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        only = find_box(here, box).id if box else None
        found = [
            one for one in list_leases(here) if only in {None, one.box_id} and model in {None, one.model}
        ]
    return RegistryLeases(leases=tuple(_lease(one) for one in found))


def issue(
    desk: Desk, *, at: str | None, box: str, model: str, days: int, grace_days: int, reason: str | None
) -> RegistryLeaseIssued:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        found = find_box(here, box)
        claims = issue_lease(here, found.id, model, days=days, grace_days=grace_days, reason=reason or "")
    return RegistryLeaseIssued(
        id=claims.jti,
        box=found.id,
        model=model,
        until_ms=claims.exp * 1000,
        grace_until_ms=(claims.exp + claims.grace_s) * 1000,
    )


def revoke(desk: Desk, *, at: str | None, lease: str, model: str | None, reason: str) -> RegistryLeaseChanged:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    return _change(desk, at, lease, model, lambda here, found: revoke_lease(here, found, reason))


def suspend(
    desk: Desk, *, at: str | None, lease: str, model: str | None, reason: str
) -> RegistryLeaseChanged:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    return _change(desk, at, lease, model, lambda here, found: suspend_lease(here, found, reason))


def resume(desk: Desk, *, at: str | None, lease: str, model: str | None) -> RegistryLeaseChanged:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    return _change(desk, at, lease, model, resume_lease)


def _change(
    desk: Desk,
    at: str | None,
    lease: str,
    model: str | None,
    act: Callable[[Office, str], StoredLease],
) -> RegistryLeaseChanged:
    with office(desk, at) as here:
        changed = act(here, _meant(here, lease, model) if model else lease)
    return RegistryLeaseChanged(
        box=changed.box_id,
        box_name=changed.box_name,
        model=changed.model,
        state=changed.status,
        reason=changed.reason,
    )


def _meant(here: Office, box: str, model: str) -> str:
    """The lease of a box and a model: the newest speaks for all, since they share one right."""
    owner = find_box(here, box).id
    found = [one for one in list_leases(here) if (one.box_id, one.model) == (owner, model)]
    if not found:
        raise NotFound(
            "That box has no lease of that model; see `carrel registry lease list`.", param="model"
        )
    return max(found, key=lambda one: (one.standing, one.made_s)).id


def _lease(one: StoredLease) -> RegistryLease:
    return RegistryLease(
        id=one.id,
        box=one.box_id,
        box_name=one.box_name,
        institution=one.institution,
        model=one.model,
        made_ms=one.made_s * 1000,
        until_ms=one.exp_s * 1000,
        grace_until_ms=(one.exp_s + one.grace_s) * 1000,
        term=one.term,
        state=one.status,
        reason=one.reason,
    )


HANDLERS: Final = {
    "list": list_all,
    "issue": issue,
    "revoke": revoke,
    "suspend": suspend,
    "resume": resume,
    "policy": policy,
}
