"""Sends what waits, in order, one message at a time, and hands on what comes back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.federation import OutboxRow
from appliance.domain.log import Log
from appliance.errors import CarrelError, IntegrityFailed, OutboundFailed, StorageUnavailable
from appliance.federation.exchange.ports import Transport
from appliance.federation.exchange.troubles import UNKNOWN_ANSWER
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Received
from appliance.federation.protocol.replies import Refused, Reply
from appliance.services.federation.dispatching import Dispatcher, Taken
from appliance.services.federation.ports import Refusal, RefusalListener
from appliance.services.federation.refusing import ALL_STOP, as_error
from appliance.trust.signed import signer_of, unfold

PAGE: Final = 16
MOST_MESSAGES: Final = 5000
"""Of one sync, so that a part that answers each no with another message ends some time."""
_RATE: Final = "rate"
MOST_TRIES: Final = 8
"""So often a message is sent whose answer cannot be believed."""


class Rows(Protocol):
    """Where messages wait."""

    async def waiting(self, *, after: int = 0, limit: int = 16) -> Sequence[OutboxRow]:
        """The next ones behind the row ``after``, in order."""
        ...

    async def tried(self, id: str) -> None:
        """It was sent, and no answer to it counts yet."""
        ...

    async def done(self, id: str, now_ms: int) -> None:
        """It was answered."""
        ...

    async def refuse(self, id: str, problem: str, now_ms: int) -> None:
        """The registry does not take it."""
        ...


class Told(Protocol):
    """Which statements the registry knows to be here."""

    async def told(self, jtis: Sequence[str]) -> None:
        """These."""
        ...


@dataclass(slots=True)
class Sent:
    """What one pass did. ``refused`` are messages that the registry takes from nobody like this,
    ``held_back`` kinds of which it takes no more for now.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    held_back: set[str] = field(default_factory=set)
    taken: Taken = field(default_factory=Taken)
    refused: list[tuple[OutboxRow, Refusal]] = field(default_factory=list)


class Sender:
    """``send_all`` is not for two at once."""

    def __init__(
        self,
        rows: Rows,
        told: Told,
        dispatcher: Dispatcher,
        listeners: Sequence[RefusalListener],
        *,
        clock: Clock,
        log: Log,
    ) -> None:
        self._rows = rows
        self._told = told
        self._dispatcher = dispatcher
        self._listeners = {kind: one for one in listeners for kind in one.kinds}
        self._clock = clock
        self._log = log

    async def send_all(self, transport: Transport, sent: Sent, *, after: int = 0) -> int:
        """Those behind the row ``after``, and those that others put there meanwhile; returns the last row.
        ``sent`` says what was done whatever is raised: what a transport raises, ``TryAgain`` and others for
        a no to this box as a whole, ``StorageUnavailable``.
        """
        for _ in range(MOST_MESSAGES // PAGE):
            page = await self._rows.waiting(after=after, limit=PAGE)
            for row in page:
                if row.kind not in sent.held_back:
                    await self._send(transport, row, sent)
                after = row.seq
            if not page:
                break
        return after

    async def settle(self, row: OutboxRow, reply: Reply, sent: Sent) -> None:
        """The answer to one message, however it came. Raises ``OutboundFailed`` for another's,
        ``StorageUnavailable``.
        """
        if reply.re != row.id:
            raise OutboundFailed(
                "The registry answered another message than the one that was sent.", trouble=UNKNOWN_ANSWER
            )
        taken = await self._dispatcher.take(reply.items, re=row.id, tell=row.kind == kinds.SYNC)
        sent.taken.add(taken)
        if not taken.whole and row.kind != kinds.SYNC and row.tries < MOST_TRIES:
            await self._rows.tried(row.id)
            return
        if row.kind == kinds.RECEIVED:
            await self._told.told(_items_of(row.token))
        await self._rows.done(row.id, self._clock.now_ms())
        sent.kinds[row.kind] += 1

    async def refused(self, row: OutboxRow, refused: Refused, sent: Sent) -> None:
        """The registry's no to one message, however it came. Raises ``StorageUnavailable``."""
        refusal = Refusal(row.id, row.kind, refused.name, refused.title, dict(refused.members))
        self._log.warning("message_refused", kind=row.kind, id=row.id, problem=refused.name)
        listener = self._listeners.get(row.kind)
        if listener is None:
            await self._refuse(row, refusal, sent)
            return
        try:
            settled = await listener.refused(refusal)
        except StorageUnavailable:
            raise
        except CarrelError as error:
            sent.taken.refused.append(error.message)
            settled = False
        if settled:
            await self._rows.done(row.id, self._clock.now_ms())
        else:
            await self._rows.tried(row.id)

    async def _send(self, transport: Transport, row: OutboxRow, sent: Sent) -> None:
        try:
            reply = await transport.post(kinds.PATHS[row.kind], row.token)
        except Refused as refused:
            if refused.name == _RATE and row.kind != kinds.SYNC:
                # What is too much of one kind must not keep leases and what was taken back from coming.
                sent.held_back.add(row.kind)
                await self._rows.tried(row.id)
                return
            if refused.name in ALL_STOP:
                raise as_error(refused) from refused
            await self.refused(row, refused, sent)
        except IntegrityFailed as error:
            # The key that signed it is gone, so nothing proves any more that it is ours.
            await self._refuse(row, Refusal(row.id, row.kind, "key-gone", error.message, {}), sent)
        except CarrelError:
            await self._rows.tried(row.id)
            raise
        else:
            await self.settle(row, reply, sent)

    async def _refuse(self, row: OutboxRow, refusal: Refusal, sent: Sent) -> None:
        await self._rows.refuse(row.id, refusal.name, self._clock.now_ms())
        sent.refused.append((row, refusal))


def _items_of(token: str) -> Sequence[str]:
    """Of a message of our own."""
    payload = unfold(token, kinds.RECEIVED, signer_of(token))
    return msgspec.json.decode(payload, type=Received).items
