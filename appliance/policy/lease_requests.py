"""When a registry is asked for a lease: where one is missing, runs out soon, or does not cover what is here.

Pure. Times in ms since 1970 UTC.
"""

from dataclasses import dataclass
from typing import Final

from appliance.domain.lease import LeaseRequestRow
from appliance.domain.license import Lease

AGAIN_MS: Final = 24 * 3_600_000
"""So long nobody asks again for the same model, unless an operator does."""


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """Of one model whose license asks for a lease. ``lease`` is the one that counts, ``from_ms`` and
    ``until_ms`` when it begins and runs out (0 without one). ``present``: it is on this box, or wanted here.
    ``covers``: the lease is for every form and the license text as they are now. ``waits``: some request has
    not left yet.
    """

    lease: Lease | None
    from_ms: int
    until_ms: int
    present: bool
    covers: bool
    waits: bool


def is_due(facts: LeaseFacts, asked: LeaseRequestRow, now_ms: int) -> bool:
    """Whether to ask now."""
    if asked.wished_ms > asked.asked_ms:
        return True
    if not facts.present and not asked.wished_ms:
        return False
    if asked.asked_ms and (facts.waits or now_ms < asked.asked_ms + AGAIN_MS):
        return False
    return _wanting(facts, now_ms)


def _wanting(facts: LeaseFacts, now_ms: int) -> bool:
    lease = facts.lease
    if lease is None:
        return True
    if lease.state in {"revoked", "suspended"}:
        return False  # the registry knows; an operator may ask all the same
    return not facts.covers or now_ms > facts.until_ms - (facts.until_ms - facts.from_ms) // 3
