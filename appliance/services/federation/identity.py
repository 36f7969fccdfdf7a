"""Who this box is to its registry: an id for good, and a key that can be replaced.

Which key counts the database says, in one commit. Their files lie in one folder and are found by what is in
them, so no file is moved when that changes, and a box that was interrupted goes on.
"""

import asyncio
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.federation import Membership
from appliance.errors import CarrelError, IntegrityFailed
from appliance.federation.protocol.limits import OVERLAP_S
from appliance.trust.box_key import BoxKey


class Remembered(Protocol):
    """What the disk knows."""

    async def membership(self) -> Membership | None:
        """Where the box belongs."""
        ...

    async def replaced(self) -> Mapping[str, int]:
        """Keys of before, and until when (ms) each counts."""
        ...

    async def rotate(self, old: str, new: str, until_ms: int, statement: str = "") -> None:
        """One commit."""
        ...


class FederationIdentity:
    """``load`` it before use. Ids are thumbprints; ``box_key`` tells that of the box's own key, blocking."""

    def __init__(
        self, key_file: Path, remembered: Remembered, *, box_key: Callable[[], str], clock: Clock
    ) -> None:
        self._file: Final = key_file
        self._remembered = remembered
        self._box_key = box_key
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, BoxKey] = {}
        self._replaced: Mapping[str, int] = {}
        self.membership: Membership | None = None
        """Where the box belongs; None: nowhere."""

    async def load(self) -> None:
        """Learn from the disk where the box belongs; remove keys that count no more. Raises
        ``StorageUnavailable``.
        """
        self.membership = await self._remembered.membership()
        self._replaced = await self._remembered.replaced()
        await asyncio.to_thread(self._find_keys)

    @property
    def enrolled(self) -> bool:
        """Whether it belongs to a registry."""
        return self.membership is not None

    @property
    def box_id(self) -> str:
        """The thumbprint of the key that it enrolled with; its present one before that. Blocks at first.
        Raises ``ConfigInvalid``, ``IntegrityFailed``.
        """
        return self.membership.box if self.membership else self._present().public.id

    @property
    def key_id(self) -> str:
        """The thumbprint of the key that counts now. As ``box_id``."""
        return self.membership.present_key if self.membership else self._present().public.id

    def ids(self) -> frozenset[str]:
        """For whom a statement may be that is for this box: what it is or was called. Blocks at first."""
        own = {self._box_key(), *self._replaced}
        return frozenset(own | ({self.membership.box} if self.membership else set()))

    def keys_now(self) -> frozenset[str]:
        """To which keys a right may be bound that is new: those of now, those replaced a short while ago, and
        one that the registry is about to take. Blocks at first.
        """
        now_ms = self._clock.now_ms()
        recent = {key for key, until_ms in self._replaced.items() if now_ms < until_ms}
        return frozenset({self._box_key(), self.key_id, *recent, *(set(self._keys) - set(self._replaced))})

    def keys_ever(self) -> frozenset[str]:
        """To which keys a right may be bound that was taken before: any that this box had."""
        return self.keys_now() | frozenset(self._replaced)

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """With the present key. Blocks at first. Raises ``ConfigInvalid``, ``IntegrityFailed``."""
        return self._present().sign(kind, value)

    def sign_as(self, key: str, kind: str, value: msgspec.Struct) -> str:
        """With one of the keys that the box still has. Raises ``IntegrityFailed`` where it has it no more."""
        return self._key(key).sign(kind, value)

    def holds(self, key: str) -> bool:
        """Whether the box has that key. Blocks."""
        if key not in self._keys:
            self._find_keys()
        return key in self._keys

    def fresh_key(self) -> str:
        """A key that nobody knows yet: one that was made before and not used, or a new one. Blocks. Raises
        ``ConfigInvalid``.
        """
        self._find_keys()
        known = {*self._replaced, self.key_id}
        if self.membership is not None:
            known.add(self.membership.box)
        unused = sorted(set(self._keys) - known)
        if unused:
            return unused[0]
        return self._remember(_made(self._file.with_name(f"key-{secrets.token_hex(6)}.pem")))

    async def rotated(self, new: str, statement: str = "") -> None:
        """The registry has taken the key ``new``, as its ``statement`` says. Raises
        ``StorageUnavailable``.
        """
        old = self.key_id
        if old == new:
            return
        await self._remembered.rotate(old, new, self._clock.now_ms() + OVERLAP_S * 1000, statement)
        await self.load()

    def _present(self) -> BoxKey:
        if self.membership is not None:
            return self._key(self.membership.present_key)
        with self._lock:
            key = _made(self._file)
        self._remember(key)
        return key

    def _key(self, id: str) -> BoxKey:
        if id not in self._keys:
            self._find_keys()
        if id not in self._keys:
            raise IntegrityFailed(
                "The key with which this box speaks to its registry is gone. Put back the data folder's "
                "backup, or begin anew: `carrel fed leave`, then `carrel fed enroll CODE --replaces BOX`."
            )
        return self._keys[id]

    def _remember(self, key: BoxKey) -> str:
        self._keys[key.public.id] = key
        return key.public.id

    def _find_keys(self) -> None:
        """A file that cannot be read is no key of the box; whoever needs that one is told."""
        now_ms = self._clock.now_ms()
        for path in sorted(self._file.parent.glob("*.pem")):
            try:
                key = BoxKey.at(path)
            except CarrelError:
                continue
            if self._replaced.get(key.public.id, now_ms + 1) <= now_ms:
                path.unlink(missing_ok=True)
                self._keys.pop(key.public.id, None)
            else:
                self._remember(key)


def _made(path: Path) -> BoxKey:
    """One that nobody knows yet, and whose id no command takes for an option."""
    while True:
        key = BoxKey.at(path)
        if key.public.id[0].isalnum():
            return key
        path.unlink(missing_ok=True)
