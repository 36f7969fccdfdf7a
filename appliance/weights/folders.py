"""Folders held open and spoken to by descriptor, so that nothing can be swapped for a link in between."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from appliance.errors import CarrelError, IntegrityFailed, StorageUnavailable

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_A_FOLDER: Final = frozenset({errno.ENOTDIR, errno.ELOOP})
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def open_folder(name: str | Path, *, within: int | None = None, follow: bool = False) -> Iterator[int]:
    """A descriptor of the folder. Raises ``OSError``; a link counts as no folder unless ``follow``."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(name, flags, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_file(name: str, *, within: int) -> Iterator[int]:
    """A descriptor to read a regular file by. Raises ``OSError``; ``EINVAL`` for anything that is none."""
    descriptor = os.open(name, _READ, dir_fd=within)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: int) -> Iterator[None]:
    """Nobody else, in this process or another one, is in such a scope of the same folder."""
    # Of its own open file description: locks of one description do not exclude each other.
    with open_folder(".", within=folder) as own:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(own, fcntl.LOCK_EX)
        yield


def regular(name: str, *, within: int) -> os.stat_result | None:
    """What the system says of a regular file; None for anything else, and for nothing."""
    try:
        found = os.stat(name, dir_fd=within, follow_symlinks=False)
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def make_folder(name: str, mode: int, *, within: int) -> None:
    """Make it where it is missing; then it has this mode, whatever the umask. Raises ``OSError``."""
    try:
        os.mkdir(name, mode=0o700, dir_fd=within)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode):
            raise OSError(errno.ENOTDIR, "not a folder") from None
        return
    with open_folder(name, within=within) as made:
        os.fchmod(made, mode)
    os.fsync(within)


def names_in(folder: int) -> list[str]:
    """Everything in it, in no order. Raises ``OSError``."""
    with os.scandir(folder) as entries:
        return [one.name for one in entries]


def forget(name: str, *, within: int) -> None:
    """Remove a name; one that is not there is removed already. Raises ``OSError``."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=within)


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the system refuses, in our words."""
    try:
        yield
    except OSError as error:
        raise _told(error) from error


def _told(error: OSError) -> CarrelError:
    if error.errno in _FULL:
        return StorageUnavailable(
            "The disk with the models is full. Free some space (`carrel model remove MODEL`), then try again."
        )
    if error.errno in _NOT_A_FOLDER:
        return IntegrityFailed(
            "A link or a file lies in the models' folder where a folder of Carrel's belongs; move it away, "
            "then try again."
        )
    return StorageUnavailable(
        f"The models' folder cannot be written ({error.strerror}); `carrel doctor` says more of it."
    )
