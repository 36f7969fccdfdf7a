"""Kinds of signed objects (``typ``), and where each message is sent."""

from collections.abc import Mapping
from typing import Final

VERSION: Final = 1

# What a box says.
ENROLL: Final = "enroll+jws"
ROTATE: Final = "rotate+jws"
NEXT_KEY: Final = "next-key+jws"
"""Within a rotation: signed by the new key."""
SYNC: Final = "sync+jws"
LEASE_REQUEST: Final = "lease-request+jws"
APPLICATION: Final = "application+jws"
USAGE_BATCH: Final = "usage-batch+jws"
HEAD_REQUEST: Final = "head-request+jws"
CHECK_ANSWER: Final = "check-answer+jws"
DELETION: Final = "deletion+jws"
RECEIVED: Final = "received+jws"
LISTING: Final = "listing+jws"
LETTER: Final = "letter+jws"
PROOF: Final = "proof+jws"
"""Beside a message over HTTPS: that it is meant for this address, now."""
PASS: Final = "pass+jws"  # noqa: S105 - a kind
"""A box shows it to another box whose weights it fetches."""

# What a registry says.
ENROLLMENT: Final = "enrollment+jwt"
ROTATION: Final = "rotation+jwt"
LEASE: Final = "lease+jwt"
DENIAL: Final = "denial+jwt"
STATUS_LIST: Final = "statuslist+jwt"
COUNTERSIGNATURE: Final = "countersignature+jwt"
USAGE_ACK: Final = "usage-ack+jwt"
CHECK: Final = "check+jwt"
BUDGET: Final = "budget+jwt"
NOTICE: Final = "notice+jwt"
TIME_RESET: Final = "time+jwt"
FORWARDED: Final = "forwarded+jwt"
STATEMENT: Final = "statement+jwt"

PATHS: Final[Mapping[str, str]] = {
    ENROLL: "v1/enroll",
    ROTATE: "v1/key",
    SYNC: "v1/sync",
    LEASE_REQUEST: "v1/leases",
    APPLICATION: "v1/applications",
    USAGE_BATCH: "v1/usage",
    HEAD_REQUEST: "v1/usage/head",
    CHECK_ANSWER: "v1/checks",
    DELETION: "v1/deletions",
    RECEIVED: "v1/received",
    LISTING: "v1/listings",
    LETTER: "v1/letters",
}
NONCE_PATH: Final = "v1/nonce"
WELL_KNOWN: Final = ".well-known/carrel-registry"
TUF: Final = "tuf"
"""Below it the catalog: ``tuf/metadata/``, ``tuf/targets/``."""

MEDIA: Final = "application/jose"
PROOF_HEADER: Final = "carrel-proof"
NONCE_HEADER: Final = "replay-nonce"
