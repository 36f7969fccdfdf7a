"""SQLite: one file, one writing connection for each process, and a few that read. WAL with
``synchronous=FULL``, so that what was acknowledged survives a power cut.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from appliance.errors import Conflict, StorageUnavailable
from appliance.registry.store.database import NOTHING, Params, Result, Row, Session
from appliance.registry.store.grouping import Group, Job

BUSY_TIMEOUT_S: Final = 30.0
"""Another process may be in the middle of a long import."""
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = 1",
    "PRAGMA cache_size = -65536",
)


class SqliteDatabase:
    """See ``Database``."""

    clustered = "WITHOUT ROWID"

    def __init__(self, path: Path) -> None:
        """Raises ``StorageUnavailable``."""
        self._path = path
        self._alone = threading.RLock()
        self._writer = _connect(path)
        self._group = Group(self._commit_all)
        self._idle: list[sqlite3.Connection] = []
        self._readers = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """See ``Database``."""
        with self._alone, translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield _Session(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    alone = transaction

    def carry_out(self, job: Callable[[Session], Result]) -> Result:
        """See ``Database``."""
        return self._group.carry_out(job)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See ``Database``."""
        with translated():
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield _Session(connection)
            finally:
                with suppress(sqlite3.Error):
                    connection.rollback()
                with self._readers:
                    self._idle.append(connection)

    def close(self) -> None:
        """See ``Database``."""
        with self._alone, self._readers:
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    def _take(self) -> sqlite3.Connection:
        with self._readers:
            if self._idle:
                return self._idle.pop()
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = 1")
        return connection

    def _commit_all(self, jobs: Sequence[Job]) -> None:
        with self.transaction() as session:
            for job in jobs:
                self._writer.execute("SAVEPOINT job")
                if not job(session):
                    self._writer.execute("ROLLBACK TO job")
                self._writer.execute("RELEASE job")

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            self._writer.rollback()


class _Session:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, params: Params = NOTHING) -> int:
        with translated():
            return self._connection.execute(sql, dict(params)).rowcount

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        with translated():
            self._connection.executemany(sql, [dict(row) for row in rows])

    def rows(self, sql: str, params: Params = NOTHING) -> Sequence[Row]:
        with translated():
            found: list[Row] = self._connection.execute(sql, dict(params)).fetchall()
            return found

    def one(self, sql: str, params: Params = NOTHING) -> Row | None:
        return next(iter(self.rows(sql, params)), None)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of SQLite as the product's own."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict("This is in the registry's database already, or names what is not there.") from error
    except sqlite3.Error as error:
        raise StorageUnavailable("The registry's database cannot be read or written.") from error


def _connect(path: Path) -> sqlite3.Connection:
    with translated():
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    connection.row_factory = _by_name
    return connection


def _by_name(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip([column[0] for column in cursor.description], row, strict=True))
