"""The contents of files: one folder beside the database, private to this user, one file for each.

A file has the name that the box gave it and no other. What stands under that name is whole and on the disk:
it is written under another name, synced, renamed. What a crash left over is removed at the next start.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from appliance.errors import NotFound, StorageUnavailable

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
KEPT_FREE_BYTES: Final = 256 * 2**20
"""Of the disk: left to the database, whose records no upload may push out."""
_PART: Final = ".part"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

T = TypeVar("T")


class Shelf:
    """Raises ``StorageUnavailable`` where the disk is full or refuses; then nothing is left half-written."""

    def __init__(self, folder: Path, kept_free_bytes: int = KEPT_FREE_BYTES) -> None:
        self._folder = folder
        self._kept_free_bytes = kept_free_bytes

    async def open(self, known: Collection[str]) -> int:
        """Make the folder, and remove what is not ``known``, which a crash has left. Returns how many."""
        return await _on_a_thread(lambda: self._clear(known))

    @asynccontextmanager
    async def writing(self, file_id: str) -> AsyncIterator["Draft"]:
        """A new file; gone after the block unless ``Draft.seal`` was called."""
        part = self._folder / (file_id + _PART)
        await _on_a_thread(self._check_room)
        draft = Draft(await _on_a_thread(lambda: _create(part)), part, self._check_room)
        try:
            yield draft
        finally:
            # Not on a thread: it has to happen even when this task is being cancelled, and is short.
            draft.drop()

    async def read(self, file_id: str, offset: int, size_bytes: int) -> bytes:
        """At most so many bytes from there on; empty behind the end."""
        return await _on_a_thread(lambda: _read(self._folder / file_id, offset, size_bytes))

    async def remove(self, file_id: str) -> None:
        """One that is not there is removed already."""
        await _on_a_thread(lambda: (self._folder / file_id).unlink(missing_ok=True))

    def _clear(self, known: Collection[str]) -> int:
        self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        self._folder.chmod(FOLDER_MODE)
        left = [one for one in self._folder.iterdir() if one.name not in known]
        for one in left:
            one.unlink(missing_ok=True)
        return len(left)

    def _check_room(self) -> None:
        if shutil.disk_usage(self._folder).free < self._kept_free_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Draft:
    """A file in the making."""

    def __init__(self, descriptor: int, part: Path, check_room: Callable[[], None]) -> None:
        self._descriptor: int | None = descriptor
        self._part = part
        self._check_room = check_room
        self._busy: asyncio.Future[None] | None = None
        self.size_bytes = 0

    async def write(self, data: bytes) -> None:
        """Append."""
        descriptor = self._descriptor
        if descriptor is None:
            raise StorageUnavailable("The file was given up. Send it again.")

        def append() -> None:
            self._check_room()
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]

        await self._work(append)
        self.size_bytes += len(data)

    async def seal(self) -> None:
        """Put it in its place; it is on the disk when this returns."""
        descriptor = self._descriptor
        if descriptor is None:
            raise StorageUnavailable("The file was given up. Send it again.")
        await self._work(lambda: _put_in_place(descriptor, self._part))
        self._close()

    def drop(self) -> None:
        """Remove what was not sealed. Safe to call twice."""
        if self._busy is not None and not self._busy.done():
            # A thread still writes to the descriptor, whose number must not become another file's.
            self._busy.add_done_callback(self._drop_after)
        elif self._descriptor is not None:
            self._close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _drop_after(self, work: "asyncio.Future[None]") -> None:
        work.exception()  # nobody else looks at it any more
        self.drop()

    async def _work(self, work: Callable[[], None]) -> None:
        self._busy = asyncio.ensure_future(_on_a_thread(work))
        await asyncio.shield(self._busy)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


async def _on_a_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except FileNotFoundError:
        raise NotFound("The content of this file is gone.", param="file_id") from None
    except OSError as error:
        if error.errno in _FULL:
            raise StorageUnavailable(
                "The disk of the box is too full for files. Delete some of yours, or ask who runs the box."
            ) from None
        raise StorageUnavailable("The disk of the box refused a file. Ask who runs the box.") from None


def _create(part: Path) -> int:
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)


def _put_in_place(descriptor: int, part: Path) -> None:
    os.fsync(descriptor)
    part.rename(part.with_name(part.name.removesuffix(_PART)))
    folder = os.open(part.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)  # the new name has to survive a power cut too
    finally:
        os.close(folder)


def _read(path: Path, offset: int, size_bytes: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.pread(descriptor, size_bytes, offset)
    finally:
        os.close(descriptor)
