"""Whether a box gets a lease, and how long. Values in, a value or a reason out; it knows no IO."""

from dataclasses import dataclass
from typing import Final

from appliance.registry.store.policies import Policy

_DAY_S: Final = 86_400
_NO_AGREEMENT: Final = (
    "There is no agreement with your institution about this model; ask the registry for one."
)
_NOT_ACCEPTED: Final = (
    "The license has to be accepted first, in the form that its terms have now: accept it again."
)
_NO_APPLICATION: Final = "This model needs an application that the registry has countersigned."
_OVERDRAWN: Final = "The budget of this box is used up. The registry's people can raise it."
_CROWDED: Final = "This box has, or had, leases of too many models; the registry's people can issue more."
_NO_TERMS: Final = "There are no leases for a whole term of this model; ask for an ordinary one."
_OVER: Final = "The end that was asked for is over."


@dataclass(frozen=True, slots=True)
class Asked:
    """``until_s`` is when a course ends (0: an ordinary lease). ``accepted``: the institution's acceptance of
    the policy's terms came along.
    """

    model: str
    until_s: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registry knows. ``agreed_until_s``, ``applied_until_s``: None where there is none that counts.
    ``crowded``: it would be one right too many. ``withheld`` says why the right was taken back or suspended
    ("": it was not).
    """

    policy: Policy
    agreed_until_s: int | None
    applied_until_s: int | None
    overdrawn: bool
    crowded: bool
    withheld: str
    now_s: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is granted."""

    exp_s: int
    grace_s: int
    term: bool


def decide(asked: Asked, facts: Facts) -> Terms | str:
    """The terms, or why not, for the operator of the box."""
    return _why_not(asked, facts) or _terms(asked, facts)


def _why_not(asked: Asked, facts: Facts) -> str:
    policy, term = facts.policy, asked.until_s > 0
    reasons = (
        (bool(facts.withheld), facts.withheld),
        (policy.needs_agreement and facts.agreed_until_s is None, _NO_AGREEMENT),
        (bool(policy.terms_sha256) and not asked.accepted, _NOT_ACCEPTED),
        (policy.needs_application and facts.applied_until_s is None, _NO_APPLICATION),
        (facts.overdrawn, _OVERDRAWN),
        (facts.crowded, _CROWDED),
        (term and not policy.term_days, _NO_TERMS),
        (term and asked.until_s <= facts.now_s, _OVER),
    )
    return next((words for holds, words in reasons if holds), "")


def _terms(asked: Asked, facts: Facts) -> Terms:
    policy, term = facts.policy, asked.until_s > 0
    days = policy.term_days if term else policy.days
    ends = [facts.now_s + days * _DAY_S]
    if term:
        ends.append(asked.until_s)
    if policy.needs_agreement and facts.agreed_until_s is not None:
        ends.append(facts.agreed_until_s)
    if policy.needs_application and facts.applied_until_s is not None:
        ends.append(facts.applied_until_s)
    grace_days = policy.term_grace_days if term else policy.grace_days
    return Terms(min(ends), grace_days * _DAY_S, term)
