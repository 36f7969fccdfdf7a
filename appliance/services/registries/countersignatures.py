"""The registry's countersignatures of grants: stored as signed, verified again at each start."""

import asyncio
from collections.abc import Callable, Sequence

from appliance.domain.access import Countersignature
from appliance.errors import BadRequest, CarrelError, NotFound
from appliance.federation.protocol.kinds import COUNTERSIGNATURE
from appliance.federation.protocol.statements import CountersignatureClaims
from appliance.services.access.grants import GrantBook
from appliance.services.registries.statements import (
    Owner,
    Registries,
    Statements,
    TrustedTime,
    check_owner,
    check_time,
    trimmed,
)


class CountersignatureBook:
    """By grant."""

    def __init__(
        self,
        statements: Statements,
        registries: Registries,
        owner: Owner,
        grants: GrantBook,
        clock: TrustedTime,
    ) -> None:
        self._statements = statements
        self._registries = registries
        self._owner = owner
        self._grants = grants
        self._clock = clock
        self._held: dict[str, tuple[Countersignature, ...]] = {}
        self.not_believed = 0

    async def load(self) -> None:
        """Learn what is on the disk and still believed."""
        for token in await self._statements.all():
            try:
                self._learn(await asyncio.to_thread(self._read, token, self._owner.keys_ever))
            except CarrelError:
                self.not_believed += 1

    async def add(self, file: str) -> CountersignatureClaims:
        """Take one in. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``, ``NotFound`` where the
        grant is not (any more) what was countersigned, ``StorageUnavailable``.
        """
        token = trimmed(file)
        claims = await asyncio.to_thread(self._read, token, self._owner.keys_now)
        check_time(claims.iat, self._clock.latest_s)
        grant = self._grants.find(claims.grant)
        if grant is None or grant.project_id != claims.project:
            raise NotFound(
                f"There is no grant {claims.grant} of project {claims.project}. `carrel access list` shows "
                "them all; a grant that was given anew has to be countersigned anew."
            )
        if claims.exp * 1000 <= self._clock.now_ms():
            raise BadRequest("This countersignature has run out. Ask the registry for a new one.")
        await self._statements.add(claims.jti, token, self._clock.now_ms())
        self._learn(claims)
        await self._clock.learn(claims.iat)
        return claims

    def of(self, grants: Sequence[str]) -> tuple[Countersignature, ...]:
        """Those of some grants, whether or not they have run out."""
        return tuple(one for grant in grants for one in self._held.get(grant, ()))

    def _read(self, token: str, keys: Callable[[], frozenset[str]]) -> CountersignatureClaims:
        claims, _ = self._registries.believed(token, COUNTERSIGNATURE, CountersignatureClaims)
        check_owner(claims, self._owner.ids(), keys())
        return claims

    def _learn(self, claims: CountersignatureClaims) -> None:
        one = Countersignature(claims.grant, claims.model, claims.exp * 1000)
        held = self._held.get(claims.grant, ())
        if one not in held:
            self._held[claims.grant] = (*held, one)
