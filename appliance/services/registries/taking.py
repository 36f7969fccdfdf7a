"""Takes what a registry says about leases: new ones, denials, which were taken back, and what time it is."""

from contextlib import suppress
from typing import Final, Protocol

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.plain_text import plain
from appliance.federation.protocol.replies import RETRYABLE
from appliance.federation.protocol.statements import Denial, StatusList, TimeReset
from appliance.services.federation.ports import Item, Refusal
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.statements import TrustedTime

_MOST_WORDS: Final = 300


class Requests(Protocol):
    """What was asked."""

    async def denied(self, message: str, model: str, reason: str, now_ms: int) -> None:
        """No, to what a message asked about a model; empty: to all of it. Raises ``StorageUnavailable``."""
        ...


class ResetTime(TrustedTime, Protocol):
    """The clock that a registry may set."""

    async def reset(self, signed_s: int) -> bool:
        """False for an old reset that turns up again. Raises ``StorageUnavailable``."""
        ...


class LeaseReceiver:
    """The same again changes nothing."""

    kinds: Final = frozenset({kinds.LEASE, kinds.STATUS_LIST, kinds.DENIAL, kinds.TIME_RESET})

    def __init__(self, book: LeaseBook, requests: Requests, clock: ResetTime) -> None:
        self._book = book
        self._requests = requests
        self._clock = clock

    async def take(self, item: Item) -> None:
        """Raises ``IntegrityFailed``, ``StorageUnavailable``."""
        match item.kind:
            case kinds.LEASE:
                with suppress(BadRequest):  # it has lapsed on its way, on a stick: nothing to be told again
                    await self._book.add(item.token)
            case kinds.STATUS_LIST:
                await self._book.add_list(item.token, item.read(StatusList))
            case kinds.TIME_RESET:
                await self._clock.reset(item.read(TimeReset).iat)
                self._book.tell()
            case kinds.DENIAL:
                await self._deny(item.read(Denial))
            case _:
                raise IntegrityFailed("This says nothing about leases.")

    async def _deny(self, denial: Denial) -> None:
        reason = plain(denial.reason, _MOST_WORDS) or "without a reason"
        await self._requests.denied(denial.re, denial.about, reason, self._clock.now_ms())


class LeaseRefusals:
    """Keeps why a whole request was refused, where leases are shown."""

    kinds: Final = frozenset({kinds.LEASE_REQUEST})

    def __init__(self, requests: Requests, clock: TrustedTime) -> None:
        self._requests = requests
        self._clock = clock

    async def refused(self, refusal: Refusal) -> bool:
        """Whether nothing else comes of it. Raises ``StorageUnavailable``."""
        if refusal.name in RETRYABLE:
            return False
        reason = plain(refusal.title, _MOST_WORDS) or refusal.name
        await self._requests.denied(refusal.id, "", reason, self._clock.now_ms())
        return True
