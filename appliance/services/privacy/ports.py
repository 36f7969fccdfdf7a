"""What exporting and erasing people needs."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.people import ApiKey, Person
from appliance.domain.results import KeyList


class Exported(Protocol):
    """Rows of one table."""

    @property
    def table(self) -> str:
        """Its name."""
        ...

    @property
    def about(self) -> str:
        """What its rows are, in words."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names."""
        ...

    @property
    def rows(self) -> tuple[tuple[str | int | None, ...], ...]:
        """In the order of the columns."""
        ...

    @property
    def left_out(self) -> int:
        """How many more there are."""
        ...


class Erased(Protocol):
    """How many rows were changed and deleted."""

    @property
    def changed(self) -> int:
        """Rows."""
        ...

    @property
    def deleted(self) -> int:
        """Rows."""
        ...


class Records(Protocol):
    """What the tables have. ``of_key``: the id is that of a key. All of it raises ``StorageUnavailable``."""

    async def export(
        self, id: str, *, of_key: bool, limit: int, project: str | None = None
    ) -> Sequence[Exported]:
        """At most ``limit`` rows a table, of one project only where one is given."""
        ...

    async def unsettled(self, id: str) -> int:
        """Requests and batches that have not ended yet."""
        ...

    async def erase_person(self, old: str, new: str, now_ms: int) -> Erased:
        """Put ``new`` in the place of ``old``, and empty what says more."""
        ...

    async def erase_key(self, id: str, now_ms: int) -> Erased:
        """Empty what was said with a key."""
        ...


class Persons(Protocol):
    """Who there is."""

    def person(self, id: str) -> Person | None:
        """Without a query."""
        ...


class Keys(Protocol):
    """Keys of all people."""

    async def all(self, project_id: str | None = None) -> Sequence[ApiKey]:
        """Of every project, revoked ones too."""
        ...


class Revoking(Protocol):
    """Ends keys."""

    async def revoke(self, *, id: str) -> KeyList:
        """At once, and what it runs."""
        ...
