"""Tells the registry the organization's list: one message for each list, the same bytes every time."""

import asyncio
import base64
from typing import Protocol

from appliance.domain.log import Log
from appliance.domain.sharing import SentList
from appliance.errors import BodyTooLarge
from appliance.federation.protocol.kinds import LISTING
from appliance.federation.protocol.limits import MESSAGE_BYTES
from appliance.federation.protocol.messages import ListedFile, Listing
from appliance.federation.protocol.replies import RETRYABLE
from appliance.services.federation.ports import Outbox, Outgoing, Refusal
from appliance.services.sharing.ports import Identity


class OwnLists(Protocol):
    """What this lab shares."""

    @property
    def now(self) -> SentList | None:
        """The newest list; None before the first."""
        ...

    async def queued(self, one: SentList) -> None:
        """It is in the outbox."""
        ...

    async def refused(self, id: str, why: str) -> None:
        """The registry did not take the one of this id."""
        ...


def listing_token(identity: Identity, one: SentList) -> str:
    """As it leaves. Blocks. Raises ``BodyTooLarge``."""
    files = tuple(ListedFile(path=path, data=_text(data)) for path, data in one.files)
    room = MESSAGE_BYTES * 9 // 16 - sum(len(data) for _, data in one.files) - len(one.metadata)
    if room > 0:
        listing = Listing(
            box=identity.box_id,
            jti=one.id,
            iat=one.sent_ms // 1000,
            organization=one.organization,
            metadata=_text(one.metadata),
            files=files,
        )
        token = identity.sign(LISTING, listing)
        if len(token) <= MESSAGE_BYTES:
            return token
    raise BodyTooLarge(
        f"The list with its recipes is larger than a registry takes ({MESSAGE_BYTES} bytes signed): withdraw "
        "a model, or shorten the records."
    )


class ListTeller:
    """A ``Composer``, and the ``RefusalListener`` of lists."""

    kinds = frozenset({LISTING})

    def __init__(self, own: OwnLists, identity: Identity, outbox: Outbox, log: Log) -> None:
        self._own = own
        self._identity = identity
        self._outbox = outbox
        self._log = log

    async def compose(self) -> None:
        """Put the newest list into the outbox, once."""
        one = self._own.now
        if one is None or one.queued:
            return
        token = await asyncio.to_thread(listing_token, self._identity, one)
        words = f"list {one.version} of {one.organization}"
        await self._outbox.put(Outgoing(one.id, LISTING, token, one.sent_ms, words))
        await self._own.queued(one)

    async def refused(self, refusal: Refusal) -> bool:
        """Told beside the list; whoever signs can mend it."""
        if refusal.name in RETRYABLE:
            return False
        self._log.warning("list_refused", message=refusal.id, why=refusal.name)
        await self._own.refused(refusal.id, f"{refusal.name}: {refusal.title}")
        return True


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
