"""What applicants agreed to on its way to the registry, and the registry's answers."""

import asyncio
from typing import Final

import msgspec

from appliance.domain.countersigning import AskedOfRegistry
from appliance.errors import IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import ApplicationMessage
from appliance.federation.protocol.plain_text import plain
from appliance.federation.protocol.statements import CountersignatureClaims, Denial
from appliance.services.access.asking_registry import AskedBook
from appliance.services.federation.ports import Identity, Item, Outbox, Outgoing, Refusal
from appliance.services.registries.countersignatures import CountersignatureBook
from appliance.trust.canonical import canonical

_MOST_WORDS: Final = 300


class SentApplications:
    """A ``Composer`` of messages that were agreed to, a ``RefusalListener`` for them."""

    kinds: Final = frozenset({kinds.APPLICATION})

    def __init__(self, book: AskedBook, identity: Identity, outbox: Outbox) -> None:
        self._book = book
        self._identity = identity
        self._outbox = outbox

    async def compose(self) -> None:
        """Raises ``IntegrityFailed`` where what would leave is not what was shown, ``StorageUnavailable``."""
        for asked in self._book.to_send():
            if asked.payload:
                await self._send(asked)

    async def refused(self, refusal: Refusal) -> bool:
        """It is settled: the applicant is told, and may ask again."""
        asked = self._book.find(refusal.id)
        if asked is None:
            return False
        await self._book.not_taken(asked, plain(refusal.title, _MOST_WORDS))
        return True

    async def _send(self, asked: AskedOfRegistry) -> None:
        message = msgspec.json.decode(asked.payload, type=ApplicationMessage)
        if canonical(message) != asked.payload.encode():
            raise IntegrityFailed(
                f"What application {asked.application} would send is not what its applicant was shown."
            )
        token = await asyncio.to_thread(self._identity.sign, kinds.APPLICATION, message)
        summary = f"application {asked.application} for {asked.model}"
        made_ms = asked.agreed_ms or asked.made_ms
        await self._outbox.put(Outgoing(asked.message, kinds.APPLICATION, token, made_ms, summary))
        await self._book.sent(asked)


class RegistryAnswers:
    """A ``Receiver`` of countersignatures, and of the registry's no to applications."""

    kinds: Final = frozenset({kinds.COUNTERSIGNATURE, kinds.DENIAL})

    def __init__(self, book: AskedBook, countersignatures: CountersignatureBook) -> None:
        self._book = book
        self._countersignatures = countersignatures

    async def take(self, item: Item) -> None:
        """Raises ``IntegrityFailed``, ``BadRequest``, ``NotFound`` for a grant that is not (any more) what
        was countersigned, ``StorageUnavailable``.
        """
        if item.kind == kinds.DENIAL:
            await self._denied(item.read(Denial))
            return
        claims = await self._countersignatures.add(item.token)
        await self._agreed(claims)

    async def _agreed(self, claims: CountersignatureClaims) -> None:
        for asked in self._book.of_grant(claims.grant, claims.model):
            if asked.agreed_ms is not None:
                await self._book.yes(asked)

    async def _denied(self, denial: Denial) -> None:
        """Of another message than an application it is somebody else's."""
        asked = self._book.find(denial.re)
        if asked is not None and asked.state == "sent":
            await self._book.no(asked, plain(denial.reason, _MOST_WORDS))
