"""Files that are there whole or not at all, also after a power cut."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import StorageUnavailable


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write beside it, bring it to the disk, rename. Raises ``OSError``; then the old file is still there."""
    write_unsettled(path, data, mode)
    sync_folder(path.parent)


def write_unsettled(path: Path, data: bytes, mode: int = 0o644) -> None:
    """The same, but for the name, which ``sync_folder`` brings to the disk, for many files at once."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in it to the disk. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Scope of the one process that writes there; whoever comes second waits. The lock ends with its holder,
    however that ends. Raises ``OSError``.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Scope in which an error of the disk becomes ``StorageUnavailable``."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(
            f"{what} cannot be written ({error.strerror}); see `carrel doctor` for room and owner."
        ) from error
