"""What the registry asks of a database. Statements are written once, for SQLite and PostgreSQL alike: values
are named (``:name``), numbers BIGINT, words TEXT, hashes BYTEA where there are many.

Within a transaction one row at a time is locked by an UPDATE of it, which both understand.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

Value = str | int | bytes | None
Params = Mapping[str, Value]
Row = Mapping[str, Any]
"""By name of the column."""
NOTHING: Final[Params] = MappingProxyType({})

Result = TypeVar("Result")


class Session(Protocol):
    """One transaction. Every method raises ``StorageUnavailable``, and ``Conflict`` where a row is there
    already.
    """

    def run(self, sql: str, params: Params = NOTHING) -> int:
        """How many rows it changed."""
        ...

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        """The same statement with each of them."""
        ...

    def rows(self, sql: str, params: Params = NOTHING) -> Sequence[Row]:
        """What it answers, whole."""
        ...

    def one(self, sql: str, params: Params = NOTHING) -> Row | None:
        """The first row."""
        ...


class Database(Protocol):
    """May be used from any thread, and by several processes at once."""

    @property
    def clustered(self) -> str:
        """Behind a table whose rows lie in the order of its key: what the schema has as ``-- clustered``."""
        ...

    def transaction(self) -> AbstractContextManager[Session]:
        """Kept as a whole at its end, or not at all. Raises ``StorageUnavailable``."""
        ...

    def carry_out(self, job: Callable[[Session], Result]) -> Result:
        """A transaction around ``job``, which may be run again where two were in each other's way, and may
        share its commit with others. Raises ``StorageUnavailable`` and what the job raises.
        """
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that writes nothing and waits for nobody."""
        ...

    def alone(self) -> AbstractContextManager[Session]:
        """A transaction while there is no other such one: for whoever changes tables, and for people."""
        ...

    def close(self) -> None:
        """Nothing may be asked of it afterwards."""
        ...
