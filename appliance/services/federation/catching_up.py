"""The registry's catalog, and with it the keys that the registry signs with."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from appliance.domain.catalogs import RefreshOutcome
from appliance.errors import CarrelError, IntegrityFailed
from appliance.federation.protocol.statements import RegistryKey, RegistryKeyList

_KEYS_BYTES: Final = 64 * 1024


class Catalogs(Protocol):
    """Fetches, and reads again what counts."""

    async def bring(self, name: str | None = None, mirror: Path | None = None) -> tuple[RefreshOutcome, ...]:
        """One catalog, from a folder if one is given."""
        ...


class Listed(Protocol):
    """What verified catalogs list."""

    def registry_keys(self, name: str) -> bytes | None:
        """JSON of the keys; None where there is nothing that is verified. Blocks."""
        ...


class Keys(Protocol):
    """Whom the box believes."""

    async def replace(self, keys: Sequence[RegistryKey]) -> None:
        """From now on."""
        ...


class CatchingUp:
    """For the registry of one name."""

    def __init__(self, catalogs: Catalogs, listed: Listed, keys: Keys) -> None:
        self._catalogs = catalogs
        self._listed = listed
        self._keys = keys

    async def fetch(self, registry: str, mirror: Path | None = None) -> RefreshOutcome:
        """Raises ``NotFound`` where the catalog is not trusted, ``StorageUnavailable``, ``ConfigInvalid``."""
        outcomes = await self._catalogs.bring(registry, mirror)
        return outcomes[0]

    async def keys_of(self, registry: str) -> tuple[RegistryKey, ...]:
        """As its verified catalog lists them. Raises ``IntegrityFailed`` where it lists none."""
        raw = await asyncio.to_thread(self._listed.registry_keys, registry)
        if raw is None or len(raw) > _KEYS_BYTES:
            raise IntegrityFailed(f"The catalog of {registry} does not say with which keys it signs.")
        try:
            found = msgspec.json.decode(raw, type=RegistryKeyList)
        except msgspec.DecodeError as error:
            raise IntegrityFailed(f"The keys in the catalog of {registry} cannot be read.") from error
        if found.registry != registry:
            raise IntegrityFailed(f"The catalog of {registry} has the keys of another registry.")
        return found.keys

    async def catch_up(self, registry: str, mirror: Path | None = None) -> str:
        """Refresh the catalog and take over the keys; in words what came. What was known goes on where
        anything fails, and is told. Raises ``StorageUnavailable``.
        """
        try:
            outcome = await self.fetch(registry, mirror)
            await self._keys.replace(await self.keys_of(registry))
        except CarrelError as error:
            return error.message
        if outcome.outcome != "refreshed":
            return f"{outcome.outcome}. {outcome.reason}"
        changes = len(outcome.came) + len(outcome.went) + len(outcome.changed)
        return f"refreshed, {changes} models changed" if changes else "refreshed, nothing new"
