"""Reads the pass of a box that wants a file: who signed it, and what the registry says of them."""

from typing import Final

from appliance.errors import CarrelError, NotAllowed, NotAuthenticated
from appliance.federation.protocol.kinds import ENROLLMENT, LEASE, PASS, ROTATION
from appliance.federation.protocol.lease_state import state_of
from appliance.federation.protocol.messages import Pass
from appliance.federation.protocol.statements import Enrollment, LeaseClaims, Rotation
from appliance.policy.sharing import Belonging, ShownLease, ShownPass, Wanted, why_not
from appliance.services.sharing.ports import Registries, Statuses, TrustedTime
from appliance.trust.signed import signer_of, verify

HEADER: Final = "carrel-pass"
MOST_BYTES: Final = 28 * 1024
"""Of a pass with all that can be in it; a request's header has 32 KiB."""
_STEP: Final = "a box of the federation sends one by itself: `carrel model pull`"


class Admission:
    """Every call blocks: it verifies signatures, and may read keys from the disk."""

    def __init__(self, registries: Registries, statuses: Statuses, clock: TrustedTime) -> None:
        self._registries = registries
        self._statuses = statuses
        self._clock = clock

    def admit(self, token: str, wanted: Wanted) -> str:
        """Who fetches, for the count: the box that the registry knows, else the key. Raises
        ``NotAuthenticated`` where there is no pass, ``NotAllowed`` with the reason.
        """
        if not token:
            raise NotAuthenticated(f"This file is for boxes that show a pass; {_STEP}.")
        shown = self._read(token)
        if reason := why_not(shown, wanted, self._clock.now_ms() // 1000):
            raise NotAllowed(reason)
        return shown.box if shown.belonging is not None else shown.key

    def _read(self, token: str) -> ShownPass:
        if len(token) > MOST_BYTES:
            raise NotAllowed("The pass is larger than any is.")
        try:
            key = signer_of(token)
            claims = verify(token, PASS, key, Pass)
            belonging, lease = self._belonging(claims), self._lease(claims)
        except NotAllowed:
            raise
        except CarrelError as error:
            raise NotAllowed(f"The pass cannot be believed. {error.message}") from error
        return ShownPass(
            key=key.id,
            box=claims.box,
            host=claims.host,
            model=claims.model,
            made_s=claims.iat,
            until_s=claims.exp,
            belonging=belonging,
            lease=lease,
        )

    def _belonging(self, claims: Pass) -> Belonging | None:
        if not claims.enrollment:
            return None
        enrollment, _ = self._registries.believed(claims.enrollment, ENROLLMENT, Enrollment)
        keys = {enrollment.cnf.jkt}
        if claims.rotation:
            rotation, _ = self._registries.believed(claims.rotation, ROTATION, Rotation)
            if rotation.sub != enrollment.sub or rotation.iat < enrollment.iat:
                raise NotAllowed("The pass names a key that replaced another box's.")
            keys = {rotation.cnf.jkt}
        return Belonging(enrollment.sub, frozenset(keys))

    def _lease(self, claims: Pass) -> ShownLease | None:
        if not claims.lease:
            return None
        lease, _ = self._registries.believed(claims.lease, LEASE, LeaseClaims)
        return ShownLease(
            box=lease.sub,
            key=lease.cnf.jkt,
            model=lease.model,
            files=frozenset(lease.files),
            worth=state_of(
                lease,
                now_s=self._clock.now_ms() // 1000,
                view=self._statuses.view(lease),
                clock_suspect=self._clock.suspect,
            ),
        )
