"""A new key for the box: made first, offered under the old one, counted on once the registry has taken it.

Each step may be the last before the power goes: a key that was made is used by the next try, an offer waits
in the outbox, and an answer that was lost comes again for the same message.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership
from appliance.domain.results import FedRotated
from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import NextKey, Rotate
from appliance.federation.protocol.statements import Rotation
from appliance.services.federation.ids import new_message_id
from appliance.services.federation.ports import Item, Outbox, Outgoing


class Keys(Protocol):
    """The box's keys towards its registry."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...

    @property
    def key_id(self) -> str:
        """Of the key that counts now."""
        ...

    def fresh_key(self) -> str:
        """One that nobody knows yet. Blocks."""
        ...

    def holds(self, key: str) -> bool:
        """Whether the box has that key. Blocks."""
        ...

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """With the present key."""
        ...

    def sign_as(self, key: str, kind: str, value: msgspec.Struct) -> str:
        """With another one."""
        ...

    async def rotated(self, new: str, statement: str = "") -> None:
        """The registry has taken it."""
        ...


class Rotating:
    """Offers a new key, and waits for the registry's word."""

    kinds: Final = frozenset({kinds.ROTATION})

    def __init__(self, keys: Keys, outbox: Outbox, clock: Clock) -> None:
        self._keys = keys
        self._outbox = outbox
        self._clock = clock
        self._lock = asyncio.Lock()

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[FedRotated]]]:
        """Operator actions and who carries them out."""
        return {"fed.rotate": self.rotate}

    async def rotate(self) -> FedRotated:
        """``fed rotate``. Raises ``BadRequest``, ``ConfigInvalid``, ``IntegrityFailed``,
        ``StorageUnavailable``.
        """
        membership = self._keys.membership
        if membership is None:
            raise BadRequest("This box belongs to no registry, so nobody knows its key.")
        async with self._lock:
            fresh = await asyncio.to_thread(self._keys.fresh_key)
            if not await self._outbox.waiting(kinds.ROTATE):
                await self._outbox.put(await asyncio.to_thread(self._offer, membership.box, fresh))
        return FedRotated(state="waiting", key=self._keys.key_id, next_key=fresh)

    async def take(self, item: Item) -> None:
        """The registry's word. Raises ``IntegrityFailed`` for a key that this box does not have."""
        claims = item.read(Rotation)
        new = claims.cnf.jkt
        if not await asyncio.to_thread(self._keys.holds, new):
            raise IntegrityFailed("The registry has taken a key that this box does not have.")
        await self._keys.rotated(new, item.token)

    def _offer(self, box: str, fresh: str) -> Outgoing:
        now_ms = self._clock.now_ms()
        agreed = NextKey(box=box, jti=new_message_id(), iat=now_ms // 1000)
        offer = Rotate(
            box=box,
            jti=new_message_id(),
            iat=now_ms // 1000,
            next=self._keys.sign_as(fresh, kinds.NEXT_KEY, agreed),
        )
        token = self._keys.sign(kinds.ROTATE, offer)
        return Outgoing(offer.jti, kinds.ROTATE, token, now_ms, f"the next key is {fresh}")
