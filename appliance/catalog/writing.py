"""Files that are there whole or not at all, also after a power cut."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from appliance.errors import ConfigInvalid


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write beside it, bring it to the disk, rename. Raises ``OSError``; then the old file is still there."""
    write_unsettled(path, data, mode)
    sync_folder(path.parent)


def write_unsettled(path: Path, data: bytes, mode: int = 0o644) -> None:
    """The same, but for the name, which ``sync_folder`` brings to the disk, for many files at once."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()


def sync_folder(folder: Path) -> None:
    """Bring the names in it to the disk. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_for_all(path: Path, content: bytes) -> None:
    """A file that a lab adds to its box. Nothing of it is secret: modes 0755 and 0644, so that a box that is
    not the writer's can read it. Raises ``ConfigInvalid`` naming the file.
    """
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            path.parent.chmod(0o755)
        write_whole(path, content)
    except OSError as error:
        raise ConfigInvalid(
            f"{path.name} cannot be written ({error.strerror}); do this as the user that owns the box's "
            "configuration."
        ) from error
