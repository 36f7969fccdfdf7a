"""Takes the room of all files that are missing before the first byte of them comes."""

import ctypes
import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import StorageUnavailable
from appliance.weights.blobs import BlobStore
from appliance.weights.fetching.part import journal_of

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FLAGS: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_UNKNOWN: Final = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_KEEP_SIZE: Final = 1  # FALLOC_FL_KEEP_SIZE: fallocate(2)
_BLOCK_BYTES: Final = 512  # of st_blocks: stat(2)
Allocate = Callable[[int, int], None]


def allocate(descriptor: int, size_bytes: int, *, longer: bool = True) -> None:
    """By ``fallocate(2)``, and not by the C library, which writes into every block where a file system has
    no such thing. Raises ``OSError``; there a file is only made as long. Not ``longer``: the file keeps its
    length, and grows into the room that it has.
    """
    library = ctypes.CDLL(None, use_errno=True)
    offset, length = ctypes.c_int64(0), ctypes.c_int64(size_bytes)
    if library.fallocate64(descriptor, 0 if longer else _KEEP_SIZE, offset, length) == 0:
        return
    number = ctypes.get_errno()
    if number not in _UNKNOWN:
        raise OSError(number, os.strerror(number))
    if longer:
        os.ftruncate(descriptor, size_bytes)


def reserve(store: BlobStore, files: Sequence[RecipeFile], allocate: Allocate = allocate) -> None:
    """Raises ``StorageUnavailable`` with what is missing; then nothing is left but what was there before."""
    made: list[Path] = []
    try:
        _check(store, files)
        for file in files:
            if file.size_bytes:
                _reserve_one(store.part(file.sha256), file.size_bytes, made, allocate)
    except OSError as error:
        for place in made:
            place.unlink(missing_ok=True)
        if error.errno in FULL:
            raise no_room(store, files) from error
        raise


def no_room(store: BlobStore, files: Sequence[RecipeFile]) -> StorageUnavailable:
    """The error for a disk that is full, with what these files lack."""
    short = max(0, _needed(store, files) - _free(store))
    lack = f"{_readable(short)} more" if short else "more room"
    return StorageUnavailable(
        f"The disk of the models has no room for the files that are missing: it needs {lack}. Make room "
        "(`carrel model remove MODEL`), or move the setting `models_dir` to a larger disk, then pull again; "
        "what is here already is kept."
    )


def _check(store: BlobStore, files: Sequence[RecipeFile]) -> None:
    """Before anything is taken: a disk that is filled to its last byte hurts others."""
    if _needed(store, files) > _free(store):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _reserve_one(place: Path, size_bytes: int, made: list[Path], allocate: Allocate) -> None:
    new = not os.path.lexists(place)
    descriptor = os.open(place, _FLAGS | os.O_CREAT, 0o600)
    try:
        if new:
            made.append(place)
            # A journal without its file speaks of bytes that are gone.
            journal_of(place).unlink(missing_ok=True)
        allocate(descriptor, size_bytes)
    finally:
        os.close(descriptor)


def _needed(store: BlobStore, files: Sequence[RecipeFile]) -> int:
    return sum(max(0, file.size_bytes - _taken(store.part(file.sha256))) for file in files)


def _taken(place: Path) -> int:
    try:
        return os.lstat(place).st_blocks * _BLOCK_BYTES
    except OSError:
        return 0


def _free(store: BlobStore) -> int:
    found = os.statvfs(store.part("0" * 64).parent)
    return found.f_bavail * found.f_frsize


def _readable(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{-(-count // 10**6)} MB"
