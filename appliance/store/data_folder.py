"""The folder and file that hold the database: who may read them, and that only one gateway has them open."""

import fcntl
import os
from pathlib import Path
from typing import Final, Self

from appliance.errors import Conflict, StorageUnavailable

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


class DataFolder:
    """Holds the lock of a data folder until ``close``; the kernel frees it when the process dies."""

    def __init__(self, lock_fd: int) -> None:
        self._lock_fd: int | None = lock_fd

    @classmethod
    def open(cls, database_path: Path) -> Self:
        """Create what is missing, private to this user, and lock it.

        A folder that exists keeps its mode: whoever made it decided that. Raises ``Conflict`` when another
        gateway has it open, ``StorageUnavailable`` when it cannot be made.
        """
        try:
            _make_folder(database_path.parent)
            lock_fd = _open_private(database_path.with_name(f"{database_path.name}.lock"))
            _lock(lock_fd)
            # Before SQLite opens it: closing any descriptor of a file drops the process's locks on it.
            os.close(_open_private(database_path))
        except OSError as error:
            raise StorageUnavailable(
                f"The data folder cannot be used: {error.strerror}. Check its owner and its disk."
            ) from error
        return cls(lock_fd)

    def close(self) -> None:
        """Let others have it. Safe to call twice."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    # The new name has to survive a power cut too; SQLite syncs only the names inside the folder.
    parent = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _open_private(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    return descriptor


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Conflict(
            "Another Carrel has this data folder open. Stop it with `carrel down` first."
        ) from None
