"""Who writes to a folder of catalogs: one at a time, and what is told where the disk refuses."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import StorageUnavailable


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
