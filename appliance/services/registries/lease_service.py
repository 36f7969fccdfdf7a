"""Answers ``license lease`` and ``license leases``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.lease import LeaseRequestRow
from appliance.domain.results import LeaseList, LeaseRequestSummary, LeaseSummary, Result
from appliance.services.registries.held_lease import HeldLease
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.statements import BoxId
from appliance.trust.signed import PublicKey

_STALE: Final = "its registry was not heard for too long, or does not say that it still holds"
_NO_PLACE: Final = "the registry's status list has no place for it; ask whoever keeps the registry"


class Registries(Protocol):
    """Whom this box believes."""

    def keys(self) -> Sequence[PublicKey]:
        """Their keys. Blocks."""
        ...


class Requests(Protocol):
    """What is asked of the registry."""

    async def all(self) -> Sequence[LeaseRequestRow]:
        """By model."""
        ...


class LeaseService:
    """What registries need to know of this box to sign for it, and what they have signed. ``trouble`` says
    what is wrong with the clock.
    """

    def __init__(
        self,
        book: LeaseBook,
        registries: Registries,
        box: BoxId,
        clock: Clock,
        *,
        requests: Requests,
        trouble: Callable[[], str],
    ) -> None:
        self._book = book
        self._registries = registries
        self._box = box
        self._clock = clock
        self._requests = requests
        self._trouble = trouble

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"license.lease": self.add, "license.leases": self.show_all}

    async def add(self, *, file: str) -> LeaseList:
        """``license lease``. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``,
        ``StorageUnavailable``.
        """
        return await self._list([await self._book.add(file)], ())

    async def show_all(self) -> LeaseList:
        """``license leases``. Raises ``ConfigInvalid`` or ``IntegrityFailed`` without a usable key."""
        return await self._list(self._book.leases, await self._requests.all())

    async def _list(self, leases: Sequence[HeldLease], requests: Sequence[LeaseRequestRow]) -> LeaseList:
        box = await asyncio.to_thread(self._box)
        registries = await asyncio.to_thread(self._registries.keys)
        return LeaseList(
            box=box,
            registries=tuple(one.id for one in registries),
            leases=tuple(self._summary(one) for one in leases),
            not_believed=self._book.not_believed,
            requests=tuple(_request(one) for one in requests),
            clock=self._trouble(),
        )

    def _summary(self, one: HeldLease) -> LeaseSummary:
        state = self._book.state(one)
        return LeaseSummary(
            id=one.id,
            model=one.model,
            registry=one.registry,
            from_ms=one.from_ms,
            until_ms=one.until_ms,
            grace_until_ms=one.grace_until_ms,
            state=state or "not yet",
            note=self._note(one, state),
            term=one.claims.term,
            files=one.claims.files,
            scope=one.claims.scope,
            purposes=one.claims.purposes,
        )

    def _note(self, one: HeldLease, state: str | None) -> str:
        if self._book.ends_before(one):
            return _NO_PLACE
        stale = state == "grace" and self._clock.now_ms() < one.until_ms
        return _STALE if stale else ""


def _request(one: LeaseRequestRow) -> LeaseRequestSummary:
    return LeaseRequestSummary(
        model=one.model,
        wished_ms=one.wished_ms,
        until_ms=one.until_ms,
        project=one.project_id,
        asked_ms=one.asked_ms,
        denied=one.denied,
        denied_ms=one.denied_ms,
    )
