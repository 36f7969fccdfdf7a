"""PostgreSQL, by psycopg: a few connections, opened when they are needed and kept."""

import random
import re
import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from appliance.errors import Conflict, StorageUnavailable
from appliance.registry.store.database import NOTHING, Params, Result, Row, Session

Connection = psycopg.Connection[dict[str, Any]]
_CONNECTIONS: Final = 8
_TRIES: Final = 6
_BACKOFF_S: Final = 0.01
"""Before the second try, and twice that before each further one."""
_ALONE: Final = 0x63617272656C
"""Any number, the same in every process of the registry."""
_NAME: Final = re.compile(r"(?<![:\\w]):([a-z_][a-z0-9_]*)")
_CONNECT_S: Final = 10
_ONE_STATE: Final = psycopg.IsolationLevel.REPEATABLE_READ


class PostgresDatabase:
    """See ``Database``. ``url`` as libpq takes it."""

    clustered = ""

    def __init__(self, url: str) -> None:
        """Raises ``StorageUnavailable``."""
        self._url = url
        self._idle: list[Connection] = []
        self._closed = False
        self._mutex = threading.Lock()
        self._free = threading.BoundedSemaphore(_CONNECTIONS)
        with self._connection():
            pass

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """See ``Database``."""
        with self._connection() as connection, _translated(), connection.transaction():
            yield _Session(connection)

    def carry_out(self, job: Callable[[Session], Result]) -> Result:
        """See ``Database``."""
        for number in range(_TRIES - 1):
            with suppress(_Again), self.transaction() as session:
                return job(session)
            # Who was let through has yet to wake up; asked again at once, its rows would be taken from it.
            time.sleep(random.uniform(0.5, 1) * _BACKOFF_S * 2**number)  # noqa: S311 - spreads, hides nothing
        with self.transaction() as session:
            return job(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See ``Database``."""
        with self._connection() as connection, _translated():
            # All its statements see the tables as they are now, as in SQLite.
            connection.isolation_level, connection.read_only = _ONE_STATE, True
            try:
                with connection.transaction():
                    yield _Session(connection)
            finally:
                if not connection.closed:
                    connection.isolation_level, connection.read_only = None, None

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """See ``Database``."""
        with self.transaction() as session:
            session.rows(f"SELECT pg_advisory_xact_lock({_ALONE})")
            yield session

    def close(self) -> None:
        """See ``Database``."""
        with self._mutex:
            self._closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._free:
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        with self._mutex:
            if self._closed or connection.closed:
                connection.close()
            else:
                self._idle.append(connection)

    def _take(self) -> Connection:
        with self._mutex:
            if self._closed:
                raise StorageUnavailable("The registry's database was closed.")
            while self._idle:
                connection = self._idle.pop()
                if _lives(connection):
                    return connection
        with _translated():
            return psycopg.connect(
                self._url, autocommit=True, row_factory=dict_row, connect_timeout=_CONNECT_S
            )


class _Session:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, sql: str, params: Params = NOTHING) -> int:
        with _translated():
            return self._connection.execute(_spelled(sql), params).rowcount

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        with _translated(), self._connection.cursor() as cursor:
            cursor.executemany(_spelled(sql), rows)

    def rows(self, sql: str, params: Params = NOTHING) -> Sequence[Row]:
        with _translated():
            return self._connection.execute(_spelled(sql), params).fetchall()

    def one(self, sql: str, params: Params = NOTHING) -> Row | None:
        return next(iter(self.rows(sql, params)), None)


class _Again(StorageUnavailable):
    """Two transactions were in each other's way; nothing is wrong."""


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of psycopg as the product's own; what it says may name hosts and people, and is left out."""
    try:
        yield
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
        raise _Again("The registry's database is busy. Try again.") from error
    except psycopg.IntegrityError as error:
        raise Conflict("This is in the registry's database already, or names what is not there.") from error
    except psycopg.Error as error:
        raise StorageUnavailable("The registry's database cannot be read or written.") from error


def _lives(connection: Connection) -> bool:
    """False for one whose server has gone away in between: it says so, or ends, unasked."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        connection.close()
        return False
    return True


@lru_cache(maxsize=512)
def _spelled(sql: str) -> LiteralString:
    """With names as psycopg writes them. Statements are constants of this room."""
    return _NAME.sub(r"%(\1)s", sql.replace("%", "%%"))
