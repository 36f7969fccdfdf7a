"""Spot checks: what decides which requests are looked at, what is kept of those, and what was found."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

Verdict = Literal["fits", "unclear", "does-not-fit"]
"""Whether a request fits what its project says that it does."""
RequestKind = Literal["chat", "text", "tokens", "vectors", "batch", ""]
"""What was asked, in one word; empty where a crash left nothing but the ledger's row."""

TIERS: Final = ("open", "registered", "approved", "restricted")


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides on the requests of one UTC day, such as ``2026-11-21``. 32 bytes that nobody but the box
    knows until they are revealed.
    """

    day: str
    seed: bytes
    made_ms: int


@dataclass(frozen=True, slots=True)
class RateChange:
    """From ``since_ms`` on, this part of the requests to models of a tier."""

    tier: str
    rate: Fraction
    since_ms: int
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class TierChange:
    """From ``since_ms`` on, a model (its recipe) is of this tier."""

    model: str
    tier: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said about being sampled, from ``since_ms`` on.

    ``holder`` is the person, or the key where it is of nobody in particular; ``project_id`` the project in
    which it was said. ``refuses``: no request of theirs is a sample. ``consents``: of those that are,
    prompt and answer may be kept for the reviewers too, sealed.
    """

    holder: str
    project_id: str
    refuses: bool
    consents: bool
    since_ms: int


@dataclass(frozen=True, slots=True)
class ReviewerKey:
    """A public key (X25519) that content is sealed to. ``id`` is its thumbprint (RFC 7638), ``public`` the
    ``x`` of its JWK; the private half is with the reviewer and never on the box.
    """

    id: str
    label: str
    public: str
    added_by: str
    added_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Content that only the holder of one private key can read (JWE). ``owner`` is a sample or a report."""

    owner: str
    key_id: str
    jwe: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that was chosen, before it is written down. ``sealed`` are pairs of key and JWE."""

    id: str
    request_id: str
    tier: str
    kind: RequestKind
    purpose: str
    consents: bool
    taken_ms: int
    sealed: tuple[tuple[str, str], ...] = ()
    sealed_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A spot check as a reviewer has it: the ledger's row beside the purpose that was declared.

    ``keys`` are those that its content is sealed to; none: there is none, or no more.
    """

    id: str
    request_id: str
    tier: str
    kind: RequestKind
    purpose: str
    consents: bool
    taken_ms: int
    holder: str
    person_id: str
    key_id: str
    project_id: str
    model_id: str
    outcome: str
    prompt_tokens: int
    completion_tokens: int
    started_ms: int
    ended_ms: int | None
    keys: tuple[str, ...] = ()
    verdict: Verdict | None = None
    reason: str = ""
    decided_by: str = ""
    decided_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Of a settled request, what the rule looks at. ``holder`` as in ``Choice``; ``model`` is the recipe."""

    request_id: str
    holder: str
    model: str
    started_ms: int
