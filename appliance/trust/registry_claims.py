"""What a registry signs for one box: leases, and countersignatures of grants. Times in s since 1970 UTC.

Each is bound to the box by the thumbprint of its key (``jkt``), so that a copy serves no other box.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

LEASE: Final = "lease+jwt"
COUNTERSIGNATURE: Final = "countersignature+jwt"
MOST_BYTES: Final = 16 * 2**10

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Time = Annotated[int, Meta(ge=0, le=2**40)]


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose right it is (RFC 7800)."""

    jkt: Name


class LeaseClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The box may serve ``model`` from ``nbf`` until ``exp``, and what is installed for ``grace_s`` more."""

    iss: Name
    sub: Name
    jti: Name
    iat: Time
    nbf: Time
    exp: Time
    grace_s: Annotated[int, Meta(ge=0, le=366 * 86_400)]
    model: Name
    cnf: Confirmation


class CountersignatureClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The registry agrees that ``project`` of the box uses ``model`` by ``grant`` until ``exp``."""

    iss: Name
    sub: Name
    jti: Name
    iat: Time
    exp: Time
    grant: Name
    project: Name
    model: Name
    cnf: Confirmation
