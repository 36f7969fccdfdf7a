"""Answers the actions on the registry that the box belongs to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership, OutboxCount, OutboxRow, SyncTimes
from appliance.domain.results import (
    FedCount,
    FedEnrolled,
    FedExported,
    FedLeft,
    FedLine,
    FedMessage,
    FedStatus,
    FedSynced,
    Result,
)
from appliance.errors import BadRequest
from appliance.services.federation.carrying import Carrying
from appliance.services.federation.dispatching import Dispatcher
from appliance.services.federation.enrolling import Enrolling
from appliance.services.federation.ids import id_of
from appliance.services.federation.schedule import HOUR_MS
from appliance.services.federation.syncing import Syncing
from appliance.services.federation.telling import (
    REPORTED,
    enrolled_told,
    exported_told,
    left_words,
    none_of,
    refused_told,
    synced_told,
)
from appliance.trust.signed import signer_of

Lines = Callable[[], Awaitable[Sequence[tuple[str, str]]]]
"""What a part has to say in ``fed status``: names and texts."""


class Who(Protocol):
    """Who the box is."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...

    @property
    def key_id(self) -> str:
        """Of the key that counts now. Blocks at first."""
        ...

    async def load(self) -> None:
        """Learn it from the disk."""
        ...


class Rows(Protocol):
    """What waits to leave."""

    async def counts(self) -> Sequence[OutboxCount]:
        """Of what is not done."""
        ...

    async def refused(self, limit: int = 100) -> Sequence[OutboxRow]:
        """Those that the registry does not take."""
        ...

    async def again(self, id: str) -> bool:
        """A refused one waits again."""
        ...

    async def drop(self, id: str) -> bool:
        """A refused one is forgotten."""
        ...


class Remembered(Protocol):
    """What the disk knows."""

    async def times(self) -> SyncTimes:
        """Of syncs."""
        ...

    async def reporting(self) -> bool:
        """Whether the box reports its use."""
        ...

    async def leave(self, now_ms: int) -> None:
        """It belongs to none."""
        ...


class Notices(Protocol):
    """Words of the registry."""

    async def notices(self) -> Sequence[object]:
        """All that are kept."""
        ...


class FederationService:
    """``close_today`` lets today count as over, for whoever reports; ``by_hand``: nothing syncs by itself
    now.
    """

    def __init__(
        self,
        *,
        who: Who,
        rows: Rows,
        remembered: Remembered,
        notices: Notices,
        enrolling: Enrolling,
        syncing: Syncing,
        carrying: Carrying,
        dispatcher: Dispatcher,
        lines: Sequence[Lines],
        close_today: Callable[[], Awaitable[None]],
        by_hand: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._who = who
        self._rows = rows
        self._remembered = remembered
        self._notices = notices
        self._enrolling = enrolling
        self._syncing = syncing
        self._carrying = carrying
        self._dispatcher = dispatcher
        self._lines = tuple(lines)
        self._close_today = close_today
        self._by_hand = by_hand
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "fed.enroll": self.enroll,
            "fed.status": self.status,
            "fed.sync": self.sync,
            "fed.export": self.export,
            "fed.import": self.take_in,
            "fed.leave": self.leave,
            "fed.resend": self.resend,
            "fed.drop": self.drop,
        }

    def line(self) -> str:
        """Where the box belongs, in a line of ``status``."""
        membership, times = self._who.membership, self._syncing.times
        if membership is None:
            return "not enrolled"
        if not times.last_ms:
            return f"enrolled at {membership.registry}, no sync yet"
        ago_h = max(self._clock.now_ms() - times.last_ms, 0) // HOUR_MS
        return f"enrolled at {membership.registry}; {ago_h} h ago the last sync: {times.outcome}"

    def unreached(self) -> str:
        """For how long no sync went through, in a sentence; empty where the last one did."""
        membership, times = self._who.membership, self._syncing.times
        if membership is None or not times.failures:
            return ""
        if not times.good_ms:
            return f"No sync with {membership.registry} ever went through: {times.outcome}"
        ago_h = max(self._clock.now_ms() - times.good_ms, 0) // HOUR_MS
        return f"No sync with {membership.registry} went through for {ago_h} h: {times.outcome}"

    async def enroll(
        self, *, code: str, name: str | None, replaces: str | None, request: str | None
    ) -> FedEnrolled:
        """``fed enroll``. Raises as ``Enrolling.enroll`` and ``Carrying.write_request``."""
        if request:
            wanted, message = await self._enrolling.request(code, name or "", replaces or "")
            carried = await self._carrying.write_request(request, wanted.registry, id_of(message), message)
            return FedEnrolled(
                box=signer_of(message).id,
                registry=wanted.registry,
                address=wanted.address,
                institution="",
                organization="",
                request=str(carried.path),
                reported=REPORTED,
            )
        membership, reply = await self._enrolling.enroll(code, name or "", replaces or "")
        await self._dispatcher.take([one for one in reply.items if one != membership.enrollment])
        return enrolled_told(membership)

    async def status(self) -> FedStatus:
        """``fed status``."""
        membership = self._who.membership
        times = await self._remembered.times()
        refused = await self._rows.refused()
        return FedStatus(
            enrolled=membership is not None,
            registry=membership.registry if membership else "",
            address=membership.address if membership else "",
            institution=membership.institution if membership else "",
            organization=membership.organization if membership else "",
            box=membership.box if membership else "",
            key=membership.present_key if membership else "",
            reporting=await self._remembered.reporting(),
            last_ms=times.last_ms or None,
            good_ms=times.good_ms or None,
            next_ms=None if self._by_hand() or membership is None else times.next_ms or self._clock.now_ms(),
            outcome=times.outcome if times.last_ms else "there was none yet",
            outbox=tuple(
                FedCount(kind=one.kind, state=one.state, count=one.count, oldest_ms=one.oldest_ms)
                for one in await self._rows.counts()
            ),
            refused=tuple(refused_told(one, one.problem) for one in refused),
            lines=tuple(
                [FedLine(name=name, text=text) for part in self._lines for name, text in await part()]
            ),
            notices=len(await self._notices.notices()),
        )

    async def sync(self, *, today: bool) -> FedSynced:
        """``fed sync``. Raises ``BadRequest``, and what kept the sync from going through."""
        if today:
            await self._close_today()
        report = await self._syncing.sync()
        if report.trouble is not None:
            raise report.trouble
        return synced_told(report)

    async def export(self, *, to: str, today: bool) -> FedExported:
        """``fed export``. Raises as ``Carrying.write``."""
        if today:
            await self._close_today()
        return exported_told(await self._carrying.write(to))

    async def take_in(self, *, file: str) -> FedSynced:
        """``fed import``. Raises as ``Carrying.take``."""
        report = await self._carrying.take(file)
        if report.trouble is not None:
            raise report.trouble
        return synced_told(report)

    async def leave(self) -> FedLeft:
        """``fed leave``. Raises ``BadRequest``, ``StorageUnavailable``."""
        membership = self._who.membership
        if membership is None:
            raise BadRequest("This box belongs to no registry.")
        async with self._syncing.alone:
            lost = sum(one.count for one in await self._rows.counts())
            await self._remembered.leave(self._clock.now_ms())
            await self._who.load()
        says = left_words(membership.registry)
        return FedLeft(registry=membership.registry, lost_messages=lost, says=says)

    async def resend(self, *, id: str) -> FedMessage:
        """``fed resend``. Raises ``NotFound``, ``StorageUnavailable``."""
        if not await self._rows.again(id):
            raise none_of(id)
        return FedMessage(id=id, state="waiting")

    async def drop(self, *, id: str) -> FedMessage:
        """``fed drop``. Raises ``NotFound``, ``StorageUnavailable``."""
        if not await self._rows.drop(id):
            raise none_of(id)
        return FedMessage(id=id, state="gone")
