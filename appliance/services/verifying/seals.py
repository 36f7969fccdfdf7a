"""What is known of files that were read to their end: in memory, since threads ask while they verify; kept by
the store a moment later. What a crash takes of it is found out again by reading.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from appliance.domain.log import Log
from appliance.domain.verification import FileSeal
from appliance.errors import StorageUnavailable

_Key = tuple[str, str]


class Table(Protocol):
    """Where seals survive a restart."""

    async def keep(self, seal: FileSeal) -> None:
        """In place of what was known of the file."""
        ...

    async def forget(self, recipe_id: str, name: str) -> None:
        """The file is gone."""
        ...

    async def all(self) -> Sequence[FileSeal]:
        """Every one."""
        ...


class SealBook:
    """``of`` and ``keep`` may be called from any thread, the others from the loop's."""

    def __init__(self, table: Table, log: Log) -> None:
        self._table: Final = table
        self._log: Final = log
        self._seals: dict[_Key, FileSeal] = {}
        self._unwritten: dict[_Key, FileSeal] = {}
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def load(self) -> None:
        """What was kept before. Raises ``StorageUnavailable``."""
        self._loop = asyncio.get_running_loop()
        self._seals = {_key_of(seal): seal for seal in await self._table.all()}

    def of(self, recipe_id: str, name: str) -> FileSeal | None:
        """What was found when the file was read last."""
        return self._seals.get((recipe_id, name))

    def keep(self, seal: FileSeal) -> None:
        """In place of what was known. A file that is wrong is an event in the log."""
        key = _key_of(seal)
        self._seals[key] = self._unwritten[key] = seal
        if seal.reason:
            self._log.error("model_file_wrong", model=seal.recipe_id, file=seal.name, reason=seal.reason)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._changed.set)

    async def forget(self, recipe_id: str, names: Sequence[str]) -> None:
        """Of files that are gone. Raises ``StorageUnavailable``."""
        for name in names:
            self._seals.pop((recipe_id, name), None)
            self._unwritten.pop((recipe_id, name), None)
            await self._table.forget(recipe_id, name)

    async def write(self) -> None:
        """Write what changes to the store, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self.flush()

    async def flush(self) -> None:
        """Write what is not written yet."""
        while self._unwritten:
            _, seal = self._unwritten.popitem()
            try:
                await self._table.keep(seal)
            except StorageUnavailable:
                self._log.warning("seal_not_kept", model=seal.recipe_id, file=seal.name)


def _key_of(seal: FileSeal) -> _Key:
    return seal.recipe_id, seal.name
