"""The file beside the database that says where the audit log stands, so that a log cut short is not taken for
a whole one.
"""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.audit import AuditHead
from appliance.errors import StorageUnavailable

NAME: Final = "audit-head"
_LOST: Final = f"{NAME}.lost-after-"
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}\Z")
_MOST_BYTES: Final = 4096


class AuditHeadFile:
    """In the data folder, for the box's own user alone. Everything here blocks."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def current(self) -> AuditHead | None:
        """What it says; None where it is not there or cannot be read."""
        return _read(self._path)

    def lost(self) -> Mapping[int, AuditHead]:
        """What it said of rows that were not there any more, by the last row that was."""
        found = {path.name.removeprefix(_LOST): _read(path) for path in self._path.parent.glob(f"{_LOST}*")}
        return {int(last): head for last, head in found.items() if head is not None and _NUMBER.match(last)}

    def write(self, head: AuditHead) -> None:
        """Whole, and on the disk when this returns. Raises ``StorageUnavailable``."""
        try:
            _write(self._path, msgspec.json.encode(head) + b"\n")
        except OSError as error:
            raise StorageUnavailable(
                f"The head of the audit log cannot be written ({error.strerror}), so nothing was done. "
                "Check the disk, then try again."
            ) from error

    def set_aside(self, last: int) -> None:
        """Keep what it says for ``lost``: row ``last`` is the last that is there."""
        with suppress(OSError):
            self._path.replace(self._path.with_name(f"{_LOST}{last}"))


def _read(path: Path) -> AuditHead | None:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=AuditHead)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
