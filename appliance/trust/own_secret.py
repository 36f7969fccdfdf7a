"""A secret of the box in a file of its own: made at first use, never sent."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.errors import ConfigInvalid, IntegrityFailed

SIZE: Final = 32


def own_secret(path: Path) -> bytes:
    """Read it, or make it: so many random bytes. Blocks. Raises ``ConfigInvalid`` where the file cannot be
    had, ``IntegrityFailed`` where it is no such secret.
    """
    try:
        if not path.exists():
            _make(path)
        found = path.read_bytes()[: SIZE + 1]
    except OSError as error:
        raise ConfigInvalid(f"A secret of the box cannot be read or made ({error.strerror}).") from error
    if len(found) != SIZE:
        raise IntegrityFailed("A secret of the box is damaged. Put back the data folder's backup.")
    return found


def _make(path: Path) -> None:
    """Whole or not at all; two who make it at once end up with one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
