"""Answers ``license lease`` and ``license leases``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.results import LeaseList, LeaseSummary, Result
from appliance.services.registries.leases import HeldLease, LeaseBook
from appliance.services.registries.statements import BoxId
from appliance.trust.signed import PublicKey


class Registries(Protocol):
    """Whom this box believes."""

    def keys(self) -> Sequence[PublicKey]:
        """Their keys. Blocks."""
        ...


class LeaseService:
    """What registries need to know of this box to sign for it, and what they have signed."""

    def __init__(self, book: LeaseBook, registries: Registries, box: BoxId, clock: Clock) -> None:
        self._book = book
        self._registries = registries
        self._box = box
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"license.lease": self.add, "license.leases": self.show_all}

    async def add(self, *, file: str) -> LeaseList:
        """``license lease``. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``,
        ``StorageUnavailable``.
        """
        return await self._list([await self._book.add(file)])

    async def show_all(self) -> LeaseList:
        """``license leases``. Raises ``ConfigInvalid`` or ``IntegrityFailed`` without a usable key."""
        return await self._list(self._book.leases)

    async def _list(self, leases: Sequence[HeldLease]) -> LeaseList:
        box = await asyncio.to_thread(self._box)
        registries = await asyncio.to_thread(self._registries.keys)
        return LeaseList(
            box=box,
            registries=tuple(one.id for one in registries),
            leases=tuple(self._summary(one) for one in leases),
            not_believed=self._book.not_believed,
        )

    def _summary(self, one: HeldLease) -> LeaseSummary:
        return LeaseSummary(
            id=one.id,
            model=one.model,
            registry=one.registry,
            from_ms=one.from_ms,
            until_ms=one.until_ms,
            grace_until_ms=one.grace_until_ms,
            state=one.state(self._clock.now_ms()) or "not yet",
        )
