"""The registry's leases: stored as signed, verified again at each start, and what they are worth now."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.license import Lease, LeaseState
from appliance.errors import BadRequest, CarrelError
from appliance.federation.protocol.kinds import LEASE
from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.statements import LeaseClaims
from appliance.services.registries.statements import BoxId, Registries, Statements, check_box, trimmed

_ORDER: Final[dict[LeaseState, int]] = {"lapsed": 0, "grace": 1, "valid": 2}


@dataclass(frozen=True, slots=True)
class HeldLease:
    """One lease as it was signed. Times in ms since 1970 UTC."""

    id: str
    model: str
    registry: str
    from_ms: int
    until_ms: int
    grace_until_ms: int

    def state(self, now_ms: int) -> LeaseState | None:
        """None: it has not begun."""
        if now_ms < self.from_ms - SKEW_S * 1000:
            return None
        if now_ms < self.until_ms:
            return "valid"
        return "grace" if now_ms < self.grace_until_ms else "lapsed"


class LeaseBook:
    """Of several leases for a model the one counts that lets the most, for the longest."""

    def __init__(self, statements: Statements, registries: Registries, box: BoxId, clock: Clock) -> None:
        self._statements = statements
        self._registries = registries
        self._box = box
        self._clock = clock
        self._held: dict[str, tuple[HeldLease, ...]] = {}
        self._listeners: list[Callable[[], None]] = []
        self.not_believed = 0

    def on_added(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a lease was taken in."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn what is on the disk and still believed."""
        for token in await self._statements.all():
            try:
                self._learn(await asyncio.to_thread(self._read, token))
            except CarrelError:
                self.not_believed += 1

    async def add(self, file: str) -> HeldLease:
        """Take one in. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``,
        ``StorageUnavailable``.
        """
        token = trimmed(file)
        lease = await asyncio.to_thread(self._read, token)
        now_ms = self._clock.now_ms()
        if lease.state(now_ms) == "lapsed" or lease.until_ms <= lease.from_ms:
            raise BadRequest("This lease has lapsed. Ask the registry for a new one.", param="file")
        await self._statements.add(lease.id, token, now_ms)
        self._learn(lease)
        for listener in self._listeners:
            listener()
        return lease

    def of(self, model: str) -> Lease | None:
        """As it stands now; None where no lease has begun."""
        now_ms = self._clock.now_ms()
        found = [(one, state) for one in self._held.get(model, ()) if (state := one.state(now_ms))]
        if not found:
            return None
        best, state = max(found, key=lambda pair: (_ORDER[pair[1]], pair[0].until_ms))
        return Lease(model, state, best.grace_until_ms if state == "grace" else best.until_ms)

    def ends_ms(self, model: str) -> int | None:
        """When the last of its leases lapses, days of grace included; None where there is none."""
        return max((one.grace_until_ms for one in self._held.get(model, ())), default=None)

    @property
    def leases(self) -> Sequence[HeldLease]:
        """All, by model."""
        return [one for held in self._held.values() for one in held]

    def _read(self, token: str) -> HeldLease:
        claims, registry = self._registries.believed(token, LEASE, LeaseClaims)
        check_box(claims, self._box(), self._clock.now_ms())
        return HeldLease(
            id=claims.jti,
            model=claims.model,
            registry=registry,
            from_ms=claims.nbf * 1000,
            until_ms=claims.exp * 1000,
            grace_until_ms=(claims.exp + claims.grace_s) * 1000,
        )

    def _learn(self, lease: HeldLease) -> None:
        held = self._held.get(lease.model, ())
        if all(one.id != lease.id for one in held):
            self._held[lease.model] = (*held, lease)
