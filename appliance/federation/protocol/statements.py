"""What a registry says, always to one box (``sub``; the status list is for all). Times in s since 1970 UTC.

A right is bound to the box's key by its thumbprint (``cnf``), so that a copy serves no other box.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.federation.protocol.bounds import (
    Confirmation,
    Count,
    Day,
    KeyText,
    MaybeOrganization,
    MaybeSha256,
    Model,
    Name,
    Organization,
    Purpose,
    Sha256,
    Thumbprint,
    Time,
    Words,
)
from appliance.federation.protocol.limits import NOTICE_LENGTH

LEASE_BYTES: Final = 16 * 1024
KeyUse = Literal["statements", "status"]
Scope = Literal["serve", "finetune", "export-adapter", "embed"]
_ALL: Final[tuple[Scope, ...]] = ("serve", "embed")


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all have that are for one box."""

    iss: Name
    sub: Name
    jti: Name
    iat: Time


class RegistryKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``x`` of an Ed25519 JWK, and what it may sign."""

    x: KeyText
    uses: Annotated[tuple[KeyUse, ...], Meta(min_length=1, max_length=2)]


class RegistryKeyList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``registry/keys.json`` of the registry's catalog: who signs what."""

    v: Literal[1]
    registry: Name
    keys: Annotated[tuple[RegistryKey, ...], Meta(min_length=1, max_length=16)]


class Enrollment(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The box belongs to the federation. ``organization`` is the name under which its lab may list models."""

    cnf: Confirmation
    registry: Name
    institution: Words
    organization: MaybeOrganization = ""
    root_sha256: Sha256
    keys: Annotated[tuple[RegistryKey, ...], Meta(min_length=1, max_length=16)]


class Rotation(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The box's key is now the one with this thumbprint; the one before counts until ``overlap_until``."""

    cnf: Confirmation
    overlap_until: Time


class LeaseBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much may be computed under a lease, in micro-credits; told, and counted by the registry."""

    micro: Count
    days: Annotated[int, Meta(ge=1, le=400)]


class LeaseClaims(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The box may serve ``model`` from ``nbf`` until ``exp``, and what is installed for ``grace_s`` more.

    ``files`` are hashes of forms; empty: all. ``status`` is its place in the status list; -1: it has none.
    """

    nbf: Time
    exp: Time
    grace_s: Annotated[int, Meta(ge=0, le=366 * 86_400)]
    model: Model
    cnf: Confirmation
    files: Annotated[tuple[Sha256, ...], Meta(max_length=32)] = ()
    scope: Annotated[tuple[Scope, ...], Meta(max_length=4)] = _ALL
    purposes: Annotated[tuple[Purpose, ...], Meta(max_length=4)] = ()
    term: bool = False
    """It was made for a course, and lasts its term."""
    status: Annotated[int, Meta(ge=-1, le=2**31)] = -1
    terms_sha256: MaybeSha256 = ""
    budget: LeaseBudget | None = None


class Denial(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """No, to one thing that a message asked for (``re`` is its ``jti``)."""

    re: Name
    about: Name
    reason: Words


class StatusList(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two bits a lease, deflated and base64url: 0 valid, 1 revoked, 2 suspended. The newest ``iat`` counts;
    after ``exp`` leases are treated as in their days of grace.
    """

    iss: Name
    sub: Name
    iat: Time
    exp: Time
    ttl: Annotated[int, Meta(ge=0, le=2**31)]
    bits: Literal[2]
    lst: Annotated[str, Meta(max_length=200_000)]


class CountersignatureClaims(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The registry agrees that ``project`` of the box uses ``model`` by ``grant`` until ``exp``."""

    exp: Time
    grant: Name
    project: Name
    model: Name
    cnf: Confirmation


class Check(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Show these rows of one batch's tree; an operator of the box decides."""

    epoch: Count
    seq: Count
    leaves: Annotated[tuple[Count, ...], Meta(min_length=1, max_length=64)]
    reason: Words


class BudgetClaims(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the box may compute from ``first_day`` to ``last_day``, and what was reported (micro-credits)."""

    first_day: Day
    last_day: Day
    limit_micro: Count
    reported_micro: Count


class Notice(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Plain text for the operator."""

    text: Annotated[str, Meta(min_length=1, max_length=NOTICE_LENGTH)]


class TimeReset(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It is ``iat`` now, whatever the box believed before."""


class Forwarded(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A letter of another box, as that box signed it. ``sealing_key`` is what answers are sealed to;
    ``from_keys`` are the keys that counted for that box when it came. Empty: the box's id is its key.
    """

    from_box: Thumbprint
    from_institution: Words
    sealing_key: KeyText
    letter: Annotated[str, Meta(min_length=1, max_length=200_000)]
    from_keys: Annotated[tuple[Thumbprint, ...], Meta(max_length=8)] = ()
    from_organization: MaybeOrganization = ""


class StatementLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all boxes used of one model. None: too few people did."""

    model: Model
    boxes: Count
    institutions: Count
    requests: Count | None
    input_tokens: Count | None
    output_tokens: Count | None
    gflop: Count | None


class OwnerStatementClaims(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an organization's models were used for elsewhere."""

    organization: Organization
    first_day: Day
    last_day: Day
    lines: Annotated[tuple[StatementLine, ...], Meta(max_length=1000)]
