"""Whom this box believes: the keys of its registry, each for what it may sign, and keys that an operator has
put into a folder, for everything.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from appliance.domain.federation import BelievedKey
from appliance.errors import IntegrityFailed
from appliance.federation.protocol.shapes import use_for
from appliance.federation.protocol.statements import RegistryKey
from appliance.trust.registry_keys import RegistryKeys
from appliance.trust.signed import PublicKey, verify

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Remembered(Protocol):
    """What the disk knows."""

    async def keys(self) -> tuple[BelievedKey, ...]:
        """Of the registry that the box belongs to, or has left."""
        ...

    async def keep_keys(self, keys: Sequence[BelievedKey]) -> None:
        """From now on."""
        ...


class BelievedRegistries:
    """``load`` it before use."""

    def __init__(self, remembered: Remembered, files: RegistryKeys) -> None:
        self._remembered = remembered
        self._files = files
        self.listed: tuple[RegistryKey, ...] = ()
        """Those of the registry that the box belongs to."""

    async def load(self) -> None:
        """Learn from the disk. Raises ``StorageUnavailable``."""
        found = [_registry_key(one) for one in await self._remembered.keys()]
        self.listed = tuple(one for one in found if one is not None)

    async def replace(self, keys: Sequence[RegistryKey]) -> None:
        """The registry has listed others, in its verified catalog. Raises ``StorageUnavailable``."""
        if tuple(keys) != self.listed:
            await self._remembered.keep_keys([BelievedKey(one.x, one.uses) for one in keys])
            await self.load()

    def keys(self) -> list[PublicKey]:
        """All. Blocks."""
        own = [PublicKey.parse(one.x) for one in self.listed]
        ids = {one.id for one in own}
        by_hand = self._files.keys()
        return own + [one for one in by_hand if one.id not in ids]

    def believed(self, token: str, kind: str, shape: type[Shape]) -> tuple[Shape, str]:
        """What was signed, and the id of the key. Blocks. Raises ``IntegrityFailed`` where none of the keys
        has signed it, ``ConfigInvalid`` where there is none.
        """
        for one in self.listed:
            if use_for(kind) in one.uses:
                try:
                    key = PublicKey.parse(one.x)
                    return verify(token, kind, key, shape), key.id
                except IntegrityFailed:
                    continue
        if self.listed and not self._files.keys():
            raise IntegrityFailed(f"No key of this box's registry has signed this as {kind}.")
        return self._files.believed(token, kind, shape)


def _registry_key(one: BelievedKey) -> RegistryKey | None:
    try:
        return msgspec.convert({"x": one.x, "uses": one.uses}, RegistryKey)
    except msgspec.ValidationError:
        return None
