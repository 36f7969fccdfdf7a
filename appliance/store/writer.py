"""The one thread that writes.

Callers hand in jobs; the thread takes all that wait, runs them in one transaction, commits once and only then
answers, so that thirty callers share one fsync. Each job has a savepoint of its own: one that fails undoes
nothing but itself. What the disk refuses fails the whole group, because SQLite has then undone all of it.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from sqlite_utils import Database

from appliance.errors import CarrelError, StorageUnavailable
from appliance.store.connection import empty_wal
from appliance.store.savepoint import Savepoint
from appliance.store.trouble import NOT_CONFIRMED, fsync_failed, storage_error

T = TypeVar("T")
Job = Callable[[Database], T]

GROUP_JOBS: Final = 64
_CLOSED: Final = "Carrel's database is closed: the box is stopping. Try again in a minute."
_UNKNOWN: Final = "The database could not commit. Read the log, then restart Carrel."


class Writer:
    """Runs jobs on the writing connection, which belongs to it from now on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._trouble: str | None = None
        self._empties_wal = False
        # A daemon, so that a gateway that dies without closing does not hang; nothing acknowledged is lost.
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written until a restart, or None."""
        return self._trouble

    async def run(self, job: Job[T]) -> T:
        """The job's result, once it is on the disk.

        Raises what the job raises, with its changes undone; ``StorageUnavailable`` when the disk refuses. A
        job whose caller was cancelled before its turn is left out; later it may be carried out all the
        same.
        """
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Job[T]) -> "Future[T]":
        """As ``run``, for callers without an event loop."""
        task = _Task(job)
        with self._gate:
            if self._closed:
                raise StorageUnavailable(_CLOSED)
            self._waiting.put(task)
        return task.future

    async def wipe(self) -> None:
        """Take what was deleted out of the write-ahead log too, if nobody reads at that moment. Raises
        ``StorageUnavailable``.
        """
        self._empties_wal = True
        await self.run(lambda _database: None)

    def close(self) -> None:
        """Finish what waits, take nothing more, close the connection. Safe to call twice."""
        self._refuse_more()
        self._thread.join()

    def _refuse_more(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)

    def _work(self) -> None:
        try:
            while group := self._next_group():
                self._commit(group)
            self._database.close()
        finally:
            self._refuse_more()
            self._abandon()

    def _next_group(self) -> "list[_Task]":
        """All tasks that wait, at least one; empty when the writer is closed."""
        group: list[_Task] = []
        task = self._waiting.get()
        while task is not None:
            if task.begins():
                group.append(task)
            if len(group) == GROUP_JOBS or (group and self._waiting.empty()):
                return group
            task = self._waiting.get()
        self._waiting.put(None)
        return group

    def _commit(self, group: "list[_Task]") -> None:
        if self._trouble is not None:
            _fail(group, StorageUnavailable(self._trouble))
            return
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for task in group:
                task.attempt(self._database)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            if fsync_failed(error):
                self._trouble = NOT_CONFIRMED
            self._database.rollback()
            _fail(group, storage_error(error) or StorageUnavailable(_UNKNOWN))
        else:
            if self._empties_wal:
                self._empties_wal = not _emptied_wal(self._database)
            for task in group:
                task.confirm()

    def _abandon(self) -> None:
        """Nobody may wait for ever on a thread that has ended."""
        while not self._waiting.empty():
            task = self._waiting.get()
            if task is not None and task.begins():
                _fail([task], StorageUnavailable(_CLOSED))


class _Task:
    """A job, and its answer until the commit makes it true."""

    def __init__(self, job: Job[Any]) -> None:
        self.future: Future[Any] = Future()
        self._job = job
        self._result: object = None
        self._error: Exception | None = None

    def begins(self) -> bool:
        """False when the caller gave up before; afterwards it cannot any more."""
        return self.future.set_running_or_notify_cancel()

    def attempt(self, database: Database) -> None:
        with Savepoint(database) as savepoint:
            self._result = self._job(database)
        self._error = savepoint.error

    def confirm(self) -> None:
        if self._error is not None:
            self.future.set_exception(self._error)
        else:
            self.future.set_result(self._result)


def _emptied_wal(database: Database) -> bool:
    try:
        return empty_wal(database)
    except sqlite3.Error:
        return False  # what was committed is; the next commit tries again


def _fail(group: list[_Task], error: CarrelError) -> None:
    for task in group:
        # One error object for each caller: raising it ties it to that caller's traceback.
        task.future.set_exception(type(error)(error.message, retry_after_s=error.retry_after_s))
