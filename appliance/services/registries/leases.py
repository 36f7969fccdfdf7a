"""The registry's leases: stored as signed, verified again at each start, and what they are worth now."""

import asyncio
from collections.abc import Callable, Sequence

from appliance.domain.license import ANY_NEED, Lease, LeaseNeed, LeaseState
from appliance.errors import BadRequest, CarrelError
from appliance.federation.protocol.kinds import LEASE
from appliance.federation.protocol.lease_state import ListView
from appliance.federation.protocol.statements import LeaseClaims, StatusList
from appliance.services.registries.held_lease import HeldLease, rank
from appliance.services.registries.statements import (
    Owner,
    Registries,
    Statements,
    TrustedTime,
    check_owner,
    check_time,
    trimmed,
)
from appliance.services.registries.status_lists import StatusBook


class LeaseBook:
    """Of several leases for a model the one counts that lets the most, for the longest."""

    def __init__(
        self,
        statements: Statements,
        registries: Registries,
        owner: Owner,
        clock: TrustedTime,
        statuses: StatusBook,
    ) -> None:
        self._statements = statements
        self._registries = registries
        self._owner = owner
        self._clock = clock
        self._statuses = statuses
        self._held: dict[str, tuple[HeldLease, ...]] = {}
        self._listeners: list[Callable[[], None]] = []
        self.not_believed = 0

    def on_news(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a lease or a status list was taken in."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn what is on the disk and still believed."""
        await self._statuses.load()
        for token in await self._statements.all():
            try:
                self._learn(await asyncio.to_thread(self._read, token, self._owner.keys_ever))
            except CarrelError:
                self.not_believed += 1

    async def add(self, file: str) -> HeldLease:
        """Take one in. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``,
        ``StorageUnavailable``.
        """
        token = trimmed(file)
        lease = await asyncio.to_thread(self._read, token, self._owner.keys_now)
        check_time(lease.claims.iat, self._clock.latest_s)
        now_ms = self._clock.now_ms()
        if lease.grace_until_ms <= now_ms or lease.until_ms <= lease.from_ms:
            raise BadRequest("This lease has lapsed. Ask the registry for a new one.", param="file")
        await self._statements.add(lease.id, token, now_ms)
        self._learn(lease)
        await self._clock.learn(lease.claims.iat)
        self.tell()
        return lease

    async def add_list(self, token: str, one: StatusList) -> None:
        """Take in a status list that is believed. Raises ``IntegrityFailed``, ``StorageUnavailable``."""
        await self._statuses.take(token, one)
        self.tell()

    def tell(self) -> None:
        """Something about leases is other than before: whoever acts on them looks again."""
        for listener in self._listeners:
            listener()

    def of(self, model: str, need: LeaseNeed = ANY_NEED) -> Lease | None:
        """As it stands now; None where no lease has begun. Where none covers the need the best one is told
        with why.
        """
        begun = self._begun(model)
        if not begun:
            return None
        fitting = [(one, state) for one, state in begun if not one.misfit(need)]
        best, state = max(fitting or begun, key=lambda pair: rank(pair[1], pair[0]))
        stale = state == "grace" and self._clock.now_ms() < best.until_ms
        until_ms = best.grace_until_ms if state == "grace" else best.until_ms
        return Lease(model, state, until_ms, "" if fitting else best.misfit(need), stale)

    def counting(self, model: str) -> HeldLease | None:
        """The one that ``of`` goes by."""
        return max(self._begun(model), key=lambda pair: rank(pair[1], pair[0]), default=(None,))[0]

    def ends_ms(self, model: str) -> int | None:
        """When the last of its leases lapses, days of grace included; None where there is none. What was
        taken back lapsed then.
        """
        held = [one for one in self._held.get(model, ()) if self.state(one) not in {"revoked", "suspended"}]
        return max((one.grace_until_ms for one in held), default=None)

    def revoked(self, model: str) -> Sequence[HeldLease]:
        """Those that the registry has taken back."""
        return [one for one in self._held.get(model, ()) if self.state(one) == "revoked"]

    def state(self, one: HeldLease) -> LeaseState | None:
        """Of one lease now; None: it has not begun."""
        return one.state(
            self._clock.now_ms(), self._statuses.view(one.claims), clock_suspect=self._clock.suspect
        )

    def view(self, claims: LeaseClaims) -> ListView:
        """What its registry's newest list says of a lease, whosever it is."""
        return self._statuses.view(claims)

    def ends_before(self, one: HeldLease) -> bool:
        """Whether its registry's status list has no place for it."""
        return self._statuses.ends_before(one.claims)

    @property
    def leases(self) -> Sequence[HeldLease]:
        """All, by model."""
        return [one for held in self._held.values() for one in held]

    def _begun(self, model: str) -> list[tuple[HeldLease, LeaseState]]:
        return [(one, state) for one in self._held.get(model, ()) if (state := self.state(one))]

    def _read(self, token: str, keys: Callable[[], frozenset[str]]) -> HeldLease:
        claims, registry = self._registries.believed(token, LEASE, LeaseClaims)
        check_owner(claims, self._owner.ids(), keys())
        return HeldLease(claims, registry)

    def _learn(self, lease: HeldLease) -> None:
        held = self._held.get(lease.model, ())
        if all(one.id != lease.id for one in held):
            self._held[lease.model] = (*held, lease)
