"""One sync: what is due is composed, what waits is sent in order, what comes is believed or refused.

Memory is bounded: rows are read in pages, one message and its answer at a time.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership, OutboxCount, SyncTimes
from appliance.domain.log import Log
from appliance.errors import BadRequest, CarrelError, Offline, OutboundFailed, StorageUnavailable
from appliance.federation.exchange.ports import Transport
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Received, Sync
from appliance.services.federation.catching_up import CatchingUp
from appliance.services.federation.composing import Composing
from appliance.services.federation.ids import new_message_id
from appliance.services.federation.schedule import after_failure, after_success
from appliance.services.federation.sending import Sender, Sent

_ITEMS: Final = 1000
_DONE_DAYS_MS: Final = 30 * 86_400_000
_SEEN_DAYS_MS: Final = 400 * 86_400_000
_CHANCES: Final = 2**20

Connect = Callable[[Membership], Transport]


class Who(Protocol):
    """Who the box is."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...

    def sign(self, kind: str, value: Sync | Received) -> str:
        """With the present key. Blocks at first."""
        ...


class Rows(Protocol):
    """What waits to leave."""

    async def put(self, *, id: str, kind: str, token: str, made_ms: int, summary: str = "") -> None:
        """The first of an id counts."""
        ...

    async def count_waiting(self, kind: str) -> int:
        """How many of a kind wait."""
        ...

    async def counts(self) -> Sequence[OutboxCount]:
        """Of what is not done."""
        ...

    async def withdraw(self, kind: str) -> None:
        """Those of a kind that wait are not sent."""
        ...

    async def forget(self, before_ms: int) -> int:
        """Those that were done before."""
        ...


class Remembered(Protocol):
    """How syncs went, and what came."""

    async def times(self) -> SyncTimes:
        """Of syncs."""
        ...

    async def keep_times(self, times: SyncTimes) -> None:
        """How the last one went."""
        ...

    async def untold(self, limit: int) -> Sequence[str]:
        """Statements that are here, and the registry does not know it."""
        ...

    async def forget_seen(self, before_ms: int) -> None:
        """Ids of statements that were taken before."""
        ...


@dataclass(slots=True)
class SyncReport:
    """What a sync did. ``trouble`` ended it early; None: it went through."""

    sent: Sent = field(default_factory=Sent)
    troubles: tuple[str, ...] = ()
    """Of parts that could not say what they had to."""
    catalog: str = ""
    trouble: CarrelError | None = None
    waiting: int = 0

    @property
    def words(self) -> str:
        """How it went."""
        if self.trouble is not None:
            return self.trouble.message
        wrong = len(self.sent.refused) + len(self.sent.taken.refused)
        told = [f"{wrong} things were refused, see the log"] if wrong else []
        if self.sent.held_back:
            told.append(f"the registry takes no more {', '.join(sorted(self.sent.held_back))} for now")
        return "; ".join(("went through", *told))


class Syncing:
    """``every_h`` 0: by hand only."""

    def __init__(
        self,
        *,
        who: Who,
        rows: Rows,
        remembered: Remembered,
        composing: Composing,
        sender: Sender,
        catching_up: CatchingUp,
        connect: Connect,
        every_h: int,
        software: str,
        clock: Clock,
        log: Log,
    ) -> None:
        self._who = who
        self._rows = rows
        self._remembered = remembered
        self._composing = composing
        self._sender = sender
        self._catching_up = catching_up
        self._connect = connect
        self._every_h = every_h
        self._software = software
        self._clock = clock
        self._log = log
        self.times = SyncTimes()
        """How the last one went."""
        self.alone = asyncio.Lock()
        """Held by whoever takes answers in."""

    async def load(self) -> None:
        """Learn from the disk. Raises ``StorageUnavailable``."""
        self.times = await self._remembered.times()

    async def sync(self) -> SyncReport:
        """Raises ``BadRequest`` where the box belongs to no registry, ``StorageUnavailable``; what goes wrong
        on the way is in the report.
        """
        async with self.alone:
            membership = self._who.membership
            if membership is None:
                raise BadRequest("This box belongs to no registry: `carrel fed enroll CODE` changes that.")
            report = SyncReport()
            try:
                await self._go_through(membership, report)
            except StorageUnavailable:
                raise
            except CarrelError as error:
                report.trouble = error
            await self.note(report)
            return report

    async def put_received(self) -> None:
        """Put into the outbox that statements are here. Raises ``StorageUnavailable``."""
        if await self._rows.count_waiting(kinds.RECEIVED):
            return
        items = await self._remembered.untold(_ITEMS)
        membership = self._who.membership
        if items and membership is not None:
            now_ms = self._clock.now_ms()
            message = Received(
                box=membership.box, jti=new_message_id(), iat=now_ms // 1000, items=tuple(items)
            )
            token = await asyncio.to_thread(self._who.sign, kinds.RECEIVED, message)
            await self._put(message.jti, kinds.RECEIVED, token, now_ms, f"{len(items)} statements are here")

    async def _go_through(self, membership: Membership, report: SyncReport) -> None:
        report.troubles = await self._composing.compose()
        report.catalog = await self._catching_up.catch_up(membership.registry)
        await self.put_received()
        await self.put_sync(membership)
        transport = self._connect(membership)
        try:
            last = await self._sender.send_all(transport, report.sent)
            await self.put_received()
            await self._sender.send_all(transport, report.sent, after=last)
        finally:
            await transport.aclose()

    async def put_sync(self, membership: Membership) -> None:
        """Ask for whatever waits. A new one each time: the same again would be answered as it was the first
        time. Raises ``StorageUnavailable``.
        """
        await self._rows.withdraw(kinds.SYNC)
        now_ms = self._clock.now_ms()
        message = Sync(box=membership.box, jti=new_message_id(), iat=now_ms // 1000, software=self._software)
        token = await asyncio.to_thread(self._who.sign, kinds.SYNC, message)
        await self._put(message.jti, kinds.SYNC, token, now_ms, "what is new?")

    async def _put(self, id: str, kind: str, token: str, now_ms: int, summary: str) -> None:
        await self._rows.put(id=id, kind=kind, token=token, made_ms=now_ms, summary=summary)

    async def note(self, report: SyncReport, *, by_stick: bool = False) -> None:
        """Remember how it went, and when the next one is due: a stick changes nothing about that. Raises
        ``StorageUnavailable``.
        """
        now_ms = self._clock.now_ms()
        times, chance = await self._remembered.times(), secrets.randbelow(_CHANCES) / _CHANCES
        error, words = report.trouble, report.words
        if by_stick:
            good_ms = times.good_ms if error else now_ms
            times = replace(times, last_ms=now_ms, good_ms=good_ms, outcome=f"by stick: {words}")
        elif error is None:
            times = after_success(now_ms, every_h=self._every_h, chance=chance, words=words)
            await self._rows.forget(now_ms - _DONE_DAYS_MS)
            await self._remembered.forget_seen(now_ms - _SEEN_DAYS_MS)
            self._log.info("federation_synced", sent=report.sent.kinds.total())
        else:
            after_s = error.retry_after_s
            times = after_failure(times, now_ms, chance=chance, words=words, retry_after_s=after_s)
            if not isinstance(error, (Offline, OutboundFailed)) or times.failures == 1:
                self._log.warning("federation_sync_failed", reason=words)
        await self._remembered.keep_times(times)
        self.times = times
        report.waiting = sum(one.count for one in await self._rows.counts() if one.state == "waiting")
