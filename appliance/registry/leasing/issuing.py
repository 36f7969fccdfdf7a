"""Makes leases: asks the rules, remembers what was granted, and says so."""

from datetime import UTC, date, datetime
from typing import Final

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.messages import WantedLease
from appliance.federation.protocol.statements import LeaseBudget, LeaseClaims
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.leasing.rules import Asked, Facts, Terms, decide
from appliance.registry.store import (
    agreements,
    applications,
    budgets,
    leases,
    policies,
    standings,
    status_lists,
)
from appliance.registry.store.boxes import Box
from appliance.registry.store.budgets import BoxBudget
from appliance.registry.store.database import Session
from appliance.registry.store.leases import NewLease
from appliance.registry.store.policies import Policy
from appliance.registry.store.standings import Standing

MOST_RIGHTS: Final = 512
"""Of one box: each has a place in the status list, which is for all."""


class Issuing:
    """Everything happens within the caller's transaction."""

    def __init__(self, about: About) -> None:
        self._about = about

    def ask(
        self, session: Session, box: Box, wanted: WantedLease, *, accepted: bool, now_s: int
    ) -> LeaseClaims | str:
        """A lease, or why not."""
        policy = policies.of_model(session, wanted.model)
        facts = _facts(session, box, policy, wanted.model, now_s)
        terms = decide(Asked(wanted.model, wanted.until, accepted), facts)
        return terms if isinstance(terms, str) else self.grant(session, box, wanted, terms, now_s)

    def grant(self, session: Session, box: Box, wanted: WantedLease, terms: Terms, now_s: int) -> LeaseClaims:
        """Whatever the rules say. A right that was taken back gets a new place in the status list."""
        standing = _standing(session, box, wanted.model, now_s)
        lease = NewLease(
            id=new_id("lease"),
            box=box.number,
            model=wanted.model,
            standing=standing.number,
            made_s=now_s,
            exp_s=terms.exp_s,
            grace_s=terms.grace_s,
            term=terms.term,
            terms_sha256=wanted.terms_sha256,
        )
        leases.insert(session, lease)
        return self._claims(session, box, wanted, lease)

    def _claims(self, session: Session, box: Box, wanted: WantedLease, lease: NewLease) -> LeaseClaims:
        budget = budgets.on(session, box.number, day_of(lease.made_s))
        return LeaseClaims(
            iss=self._about.name,
            sub=box.id,
            jti=lease.id,
            iat=lease.made_s,
            nbf=lease.made_s,
            exp=lease.exp_s,
            grace_s=lease.grace_s,
            model=lease.model,
            cnf=Confirmation(box.key),
            files=wanted.files,
            purposes=wanted.purposes,
            term=lease.term,
            status=lease.standing,
            terms_sha256=lease.terms_sha256,
            budget=LeaseBudget(budget.limit_micro, _days(budget)) if budget else None,
        )


def _standing(session: Session, box: Box, model: str, now_s: int) -> Standing:
    held = standings.newest(session, box.number, model)
    if held is not None and held.value != "revoked":
        return held
    made = standings.insert(session, box.number, model, now_s)
    if made.number >= status_lists.newest(session).size:
        # A lease whose place is past the end of the list counts for little.
        status_lists.spoil(session)
    return made


def day_of(time_s: int) -> str:
    """The UTC day."""
    return datetime.fromtimestamp(time_s, UTC).date().isoformat()


def _facts(session: Session, box: Box, policy: Policy, model: str, now_s: int) -> Facts:
    standing = standings.newest(session, box.number, model)
    return Facts(
        policy=policy,
        agreed_until_s=agreements.until_s(session, box.institution, model, now_s),
        applied_until_s=applications.covered_until_s(session, box.number, model, now_s),
        overdrawn=_is_overdrawn(session, box, now_s),
        crowded=standing is None and standings.count_of(session, box.number) >= MOST_RIGHTS,
        withheld=_withheld(standing),
        now_s=now_s,
    )


def _withheld(standing: Standing | None) -> str:
    if standing is None or standing.value == "valid":
        return ""
    return f"The registry has {standing.value} this box's right to the model: {standing.reason}"[:300]


def _is_overdrawn(session: Session, box: Box, now_s: int) -> bool:
    budget = budgets.on(session, box.number, day_of(now_s))
    return budget is not None and budgets.reported_micro(session, budget) >= budget.limit_micro


def _days(budget: BoxBudget) -> int:
    return min(400, (date.fromisoformat(budget.last_day) - date.fromisoformat(budget.first_day)).days + 1)
