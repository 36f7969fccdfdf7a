"""Reads, on a thread of their own, so that a long report never holds up the event loop or the writer."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlite_utils import Database

from appliance.errors import StorageUnavailable
from appliance.store.trouble import storage_error

T = TypeVar("T")


class Reader:
    """Runs queries on the reading connection, which belongs to it from now on, one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-reader")

    async def run(self, query: Callable[[Database], T]) -> T:
        """What ``query`` returns. It sees every commit that was acknowledged before.

        Raises what the query raises; ``StorageUnavailable`` or ``IntegrityFailed`` when the disk is at fault.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, query)

    def close(self) -> None:
        """Finish what runs and close the connection."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._database.close()

    def _answer(self, query: Callable[[Database], T]) -> T:
        try:
            return query(self._database)
        except sqlite3.Error as error:
            raise storage_error(error) or StorageUnavailable("The database could not be read.") from error
