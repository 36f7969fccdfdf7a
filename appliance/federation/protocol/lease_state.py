"""What a lease is worth at a moment. What follows from that is the box's matter."""

from dataclasses import dataclass
from typing import Literal

from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.statements import LeaseClaims
from appliance.federation.protocol.status_list import Status

LeaseWorth = Literal["not-yet", "valid", "grace", "lapsed", "revoked", "suspended", "clock-suspect"]


@dataclass(frozen=True, slots=True)
class ListView:
    """What the newest status list says of one lease. ``status`` None: nothing (its place is past the end, or
    no list has come yet). ``until_s`` is the list's ``exp``; 0: no list has come.
    """

    status: Status | None = None
    until_s: int = 0


NO_LIST = ListView()


def state_of(
    claims: LeaseClaims, *, now_s: int, view: ListView = NO_LIST, clock_suspect: bool = False
) -> LeaseWorth:
    """At ``now_s`` (by the clock that the box trusts).

    Revoked and suspended count whatever the list's age is. A lease with a place in the list is in its days
    of grace while nobody can say that it was not taken back: without a list, past its end, after its ``exp``.
    """
    if claims.status >= 0 and view.status == "revoked":
        return "revoked"
    if now_s >= claims.exp + claims.grace_s:
        return "lapsed"
    if claims.status >= 0 and view.status == "suspended":
        return "suspended"
    if now_s < claims.nbf - SKEW_S:
        return "not-yet"
    if now_s >= claims.exp or (claims.status >= 0 and _uncertain(view, now_s)):
        return "grace"
    return "clock-suspect" if clock_suspect else "valid"


def _uncertain(view: ListView, now_s: int) -> bool:
    return view.status is None or now_s >= view.until_s
