"""What SQLite's error codes mean for Carrel: the one place where they are translated."""

import sqlite3
from typing import Final

from appliance.errors import CarrelError, IntegrityFailed, StorageUnavailable

NOT_CONFIRMED: Final = (
    "The disk did not confirm a write, so Carrel's database is read-only now. "
    "Check the disk (`dmesg`, SMART), then restart Carrel."
)

_FULL: Final = "The disk is full, so nothing can be recorded. Free some space; Carrel then goes on by itself."
_REFUSED: Final = (
    "The disk refused to read or store a record. Check the disk (`dmesg`, SMART), then try again."
)
_BUSY: Final = "Another program is writing to Carrel's database. Close it, then try again."
_DAMAGED: Final = "Carrel's database is damaged. Stop Carrel and put back the last backup."

_DISK: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
    }
)
_BLOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_FSYNC: Final = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})


def storage_error(error: BaseException) -> CarrelError | None:
    """What to tell the caller, or None where the storage is not at fault but the statement is."""
    primary = _code(error) & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StorageUnavailable(_FULL)
    if primary in _DISK:
        return StorageUnavailable(_REFUSED)
    if primary in _BLOCKED:
        return StorageUnavailable(_BUSY, retry_after_s=1)
    if primary in _BROKEN:
        return IntegrityFailed(_DAMAGED)
    return None


def fsync_failed(error: sqlite3.Error) -> bool:
    """Whether the kernel may have dropped what it could not write: a later fsync would lie about it."""
    return _code(error) in _FSYNC


def _code(error: BaseException) -> int:
    # Errors that the sqlite3 module raises by itself carry no code.
    code = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return int(code)
