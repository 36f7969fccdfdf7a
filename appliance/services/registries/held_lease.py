"""One lease as its registry signed it, and whether it covers what is about to be done."""

from dataclasses import dataclass
from typing import Final

from appliance.domain.license import LeaseNeed, LeaseState, Misfit
from appliance.federation.protocol.lease_state import ListView, state_of
from appliance.federation.protocol.statements import LeaseClaims

_SERVES: Final[dict[LeaseState, int]] = {"valid": 3, "clock-suspect": 2, "grace": 1}


@dataclass(frozen=True, slots=True)
class HeldLease:
    """``registry`` is the id of the key that signed it. Times in ms since 1970 UTC."""

    claims: LeaseClaims
    registry: str

    @property
    def id(self) -> str:
        """Unique among leases."""
        return self.claims.jti

    @property
    def model(self) -> str:
        """Id of a recipe."""
        return self.claims.model

    @property
    def from_ms(self) -> int:
        """When it begins."""
        return self.claims.nbf * 1000

    @property
    def until_ms(self) -> int:
        """When it runs out, and its days of grace begin."""
        return self.claims.exp * 1000

    @property
    def grace_until_ms(self) -> int:
        """When it lapses."""
        return (self.claims.exp + self.claims.grace_s) * 1000

    def state(self, now_ms: int, view: ListView, *, clock_suspect: bool) -> LeaseState | None:
        """None: it has not begun. ``view`` is what the status list says of it."""
        found = state_of(self.claims, now_s=now_ms // 1000, view=view, clock_suspect=clock_suspect)
        return None if found == "not-yet" else found

    def misfit(self, need: LeaseNeed) -> Misfit:
        """Why it does not cover that; empty: it does. What it does not say it does not narrow."""
        claims = self.claims
        if need.file and claims.files and need.file not in claims.files:
            return "files"
        if need.text_sha256 and claims.terms_sha256 and need.text_sha256 != claims.terms_sha256:
            return "text"
        if need.scope and need.scope not in claims.scope:
            return "scope"
        return "purpose" if need.purpose and claims.purposes and need.purpose not in claims.purposes else ""


def rank(state: LeaseState, lease: HeldLease) -> tuple[int, int]:
    """Which of several counts: the one that lets the most, for the longest; of those that let nothing the one
    that came last.
    """
    serves = _SERVES.get(state, 0)
    return serves, lease.until_ms if serves else lease.claims.iat
