"""The verbs of files. A caller sees and touches their own in the key's project only; any other is one that is
not there.
"""

import secrets
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.files import StoredFile
from appliance.domain.people import Caller, Owner
from appliance.errors import Conflict, TryAgain
from appliance.services.files.limits import FileLimits, too_many
from appliance.services.files.ports import Files, Shelf
from appliance.services.files.upload import Upload

READ_BYTES: Final = 256 * 1024
MOST_UPLOADS: Final = 4
"""Of one person at once."""


def new_file_id() -> str:
    """A name that nobody can guess."""
    return f"file-{secrets.token_hex(12)}"


class FileService:
    """``in_use`` says whether something on the box still needs a file."""

    def __init__(
        self,
        *,
        files: Files,
        shelf: Shelf,
        clock: Clock,
        limits: FileLimits,
        in_use: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._files = files
        self._shelf = shelf
        self._clock = clock
        self._limits = limits
        self._in_use = in_use
        self._uploads: Counter[str] = Counter()
        self._arriving: Counter[str] = Counter()

    async def open(self, known: Collection[str]) -> int:
        """Call it first. What a crash has left is removed. Returns how many files that were."""
        return await self._shelf.open(known)

    @asynccontextmanager
    async def uploading(self, caller: Caller) -> AsyncIterator[Upload]:
        """Scope of one upload. Raises ``TryAgain``, ``BadRequest``, ``StorageUnavailable``."""
        holder = caller.holder
        if self._uploads[holder] >= MOST_UPLOADS:
            raise TryAgain(f"You send {MOST_UPLOADS} files at once already; wait for one.", retry_after_s=5)
        self._uploads[holder] += 1
        try:
            async with self._draft(caller.owner) as upload:
                yield upload
        finally:
            self._uploads[holder] -= 1
            if not self._uploads[holder]:
                # What has arrived is by now among what the holder has, or is gone.
                del self._uploads[holder], self._arriving[holder]

    async def page(
        self,
        caller: Caller,
        *,
        purpose: str | None = None,
        after: str | None = None,
        limit: int,
        newest_first: bool = True,
    ) -> Sequence[StoredFile]:
        """The caller's files in the key's project. Raises ``NotFound`` for an unknown ``after``."""
        return await self._files.page(
            caller.owner, purpose=purpose, after=after, limit=limit, newest_first=newest_first
        )

    async def get(self, caller: Caller, file_id: str) -> StoredFile:
        """One of the caller's files. Raises ``NotFound``."""
        return await self._files.get(caller.owner, file_id)

    async def content(self, file: StoredFile) -> AsyncGenerator[bytes, None]:
        """The bytes of a file, piece by piece. Raises ``NotFound``, ``StorageUnavailable``."""
        offset = 0
        while piece := await self._shelf.read(file.id, offset, READ_BYTES):
            offset += len(piece)
            yield piece

    async def delete(self, caller: Caller, file_id: str) -> None:
        """Forget a file and its content. Raises ``NotFound``, ``Conflict`` while a batch reads it."""
        await self._files.get(caller.owner, file_id)
        if file_id in self._in_use():
            raise Conflict("A batch reads this file; cancel the batch or wait for its end.", param="file_id")
        await self._files.remove(caller.owner, file_id)
        await self._shelf.remove(file_id)

    async def sweep(self) -> int:
        """Remove the files whose time is over. Returns how many."""
        over = await self._files.expire(self._clock.now_ms(), self._in_use())
        for file_id in over:
            await self._shelf.remove(file_id)
        return len(over)

    @asynccontextmanager
    async def _draft(self, owner: Owner) -> AsyncIterator[Upload]:
        had = await self._files.holdings(owner.holder)
        if had.files + self._uploads[owner.holder] > self._limits.person_files:
            raise too_many(self._limits.person_files)
        file_id = new_file_id()
        async with self._shelf.writing(file_id) as draft:
            yield Upload(
                file_id=file_id,
                owner=owner,
                draft=draft,
                files=self._files,
                clock=self._clock,
                limits=self._limits,
                had=had,
                arriving=self._arriving,
            )
