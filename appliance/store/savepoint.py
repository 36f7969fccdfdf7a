"""A savepoint that undoes one job and leaves the rest of its transaction standing."""

from types import TracebackType
from typing import Self

from sqlite_utils import Database

from appliance.store.trouble import storage_error


class Savepoint:
    """Scope of one job inside an open transaction.

    An exception undoes the scope and is kept in ``error`` for the caller who sent the job, whatever it is:
    the others in the transaction are not concerned. It passes on when the transaction itself is lost (disk
    full, I/O error).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._database.execute("SAVEPOINT job")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            self._database.execute("RELEASE job")
            return False
        if not isinstance(error, Exception) or storage_error(error) is not None:
            return False
        self._database.execute("ROLLBACK TO job")
        self._database.execute("RELEASE job")
        self.error = error
        return True
