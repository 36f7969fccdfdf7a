"""Opens connections to the database, each with every pragma that the promises rest on.

SQLite keeps ``journal_mode`` in the file but ``synchronous``, ``foreign_keys`` and ``busy_timeout`` only in
the connection, so they are set on every one. WAL with ``synchronous=FULL`` is the WAL mode in which a
commit survives a power cut. SQLite before 3.51.3 can corrupt a WAL database when two connections write or
checkpoint at once, hence one writing connection: readers are ``query_only`` and never checkpoint.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from appliance.errors import StorageUnavailable

BUSY_TIMEOUT_MS: Final = 5000
CHECKPOINT_PAGES: Final = 1000

Connect = Callable[[Path], Database]


def connect_writer(path: Path) -> Database:
    """The one writing connection. It may be used from another thread than the one that opened it.

    Raises ``StorageUnavailable`` on a file system that cannot hold a WAL, ``sqlite3.Error``.
    """
    database = _connect(path)
    if _set(database, "journal_mode", "WAL") != "wal":
        raise StorageUnavailable(
            "The data folder is on a file system that SQLite's WAL does not work on. Move it to a local disk."
        )
    _set(database, "wal_autocheckpoint", CHECKPOINT_PAGES)
    # What is deleted is overwritten in the file; not every build of SQLite does so by itself.
    _set(database, "secure_delete", 1)
    return database


def empty_wal(database: Database) -> bool:
    """Fold the write-ahead log into the file and empty it, so that nothing deleted is in it either. False
    where somebody reads at this moment: it waits for nobody. Outside of a transaction only.
    """
    _set(database, "busy_timeout", 0)
    try:
        busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        _set(database, "busy_timeout", BUSY_TIMEOUT_MS)
    return not busy


def connect_reader(path: Path) -> Database:
    """A connection that cannot write, for use from any one thread at a time."""
    database = _connect(path)
    _set(database, "wal_autocheckpoint", 0)
    _set(database, "query_only", 1)
    return database


def _connect(path: Path) -> Database:
    # isolation_level None: no statement opens a transaction by itself; the writer says BEGIN and COMMIT.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    _set(database, "busy_timeout", BUSY_TIMEOUT_MS)
    _set(database, "synchronous", "FULL")
    _set(database, "foreign_keys", 1)
    _set(database, "mmap_size", 0)
    return database


def _set(database: Database, name: str, value: str | int) -> object:
    # A pragma takes no parameters; names and values are constants of this file.
    row = database.execute(f"PRAGMA {name} = {value}").fetchone()
    return row[0] if row else None
