"""Issues leases by hand, takes them back, and says what leases of a model are like."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.kinds import LEASE
from appliance.federation.protocol.messages import WantedLease
from appliance.federation.protocol.statements import LeaseClaims
from appliance.registry.leasing.issuing import Issuing
from appliance.registry.leasing.rules import Terms
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.office import Office, held_box
from appliance.registry.store import leases, policies, standings, status_lists
from appliance.registry.store.leases import StoredLease
from appliance.registry.store.policies import Policy
from appliance.registry.store.standings import Value

_DAY_S = 86_400


def issue_lease(
    office: Office,
    box: str,
    model: str,
    *,
    days: int | None = None,
    grace_days: int | None = None,
    reason: str = "",
) -> LeaseClaims:
    """Whatever the rules say; it leaves with the box's next sync. A revoked right comes back with that.
    Raises ``NotFound``, ``BadRequest``.
    """
    with office.acting() as session:
        found = held_box(session, box)
        policy = policies.of_model(session, model)
        life, grace = policy.days if days is None else days, policy.grace_days
        grace = grace if grace_days is None else grace_days
        if not 1 <= life <= 400 or not 0 <= grace <= 366:
            raise BadRequest("A lease is for 1 to 400 days, and 0 to 366 days of grace.", param="days")
        terms = Terms(office.now_s + life * _DAY_S, grace * _DAY_S, term=False)
        claims = Issuing(office.about).grant(
            session, found, WantedLease(model=model, files=()), terms, office.now_s
        )
        put_mail(session, found.number, LEASE, claims)
        office.note(session, "registry.lease.issue", claims.jti, f"{model} for {box}. {reason}".strip())
    return claims


def list_leases(office: Office) -> Sequence[StoredLease]:
    """Those that have not lapsed."""
    with office.database.reading() as session:
        return leases.running(session, office.now_s)


def revoke_lease(office: Office, id: str, reason: str) -> StoredLease:
    """The box stops serving the model at its next sync, under whichever lease. Raises ``NotFound``,
    ``Conflict``.
    """
    return _change(office, id, "revoked", reason)


def suspend_lease(office: Office, id: str, reason: str) -> StoredLease:
    """As ``revoke_lease``, but it can come back. Raises ``NotFound``, ``Conflict``."""
    return _change(office, id, "suspended", reason)


def resume_lease(office: Office, id: str) -> StoredLease:
    """Raises ``NotFound``, ``Conflict`` where it was not suspended."""
    return _change(office, id, "valid", "")


def set_policy(office: Office, policy: Policy) -> None:
    """For leases from now on. Raises ``BadRequest``."""
    spans = (policy.days, policy.grace_days, policy.term_days, policy.term_grace_days)
    if policy.days < 1 or any(not 0 <= span <= 400 for span in spans):
        raise BadRequest("Leases and their grace are for 0 to 400 days, ordinary ones for at least one.")
    with office.acting() as session:
        policies.put(session, policy, office.now_s)
        office.note(session, "registry.lease.policy", policy.model)


def policy_of(office: Office, model: str) -> Policy:
    """What counts for a model now, under its own name."""
    with office.database.reading() as session:
        return replace(policies.of_model(session, model), model=model)


def list_policies(office: Office) -> Sequence[Policy]:
    """Those that were set; for all others see ``store.policies.Policy``."""
    with office.database.reading() as session:
        return policies.all_of(session)


def _change(office: Office, id: str, value: Value, reason: str) -> StoredLease:
    with office.acting() as session:
        status_lists.spoil(session)
        lease = leases.find(session, id)
        if lease is None:
            raise NotFound("There is no such lease; `carrel registry lease list` lists them.", param="lease")
        _check_change(lease, value)
        standings.change(session, lease.standing, value, reason, office.now_s)
        office.note(session, f"registry.lease.{value}", id, reason)
        return leases.find(session, id) or lease


def _check_change(lease: StoredLease, value: Value) -> None:
    if lease.status == value:
        raise Conflict(f"The lease is {value} already.")
    if lease.status == "revoked":
        raise Conflict("The lease was revoked, and that is for good; issue a new one.")
