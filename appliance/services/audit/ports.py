"""What the audit log needs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.audit import AuditedAct, AuditHead, AuditOutcome, AuditRow

Last = tuple[AuditRow | None, AuditOutcome | None]
"""The last row and the last outcome."""


class Rows(Protocol):
    """Where the log is remembered. All of it raises ``StorageUnavailable``."""

    async def last(self) -> Last:
        """Where it stands."""
        ...

    async def add(self, make: Callable[[Last], AuditRow]) -> AuditRow:
        """Add the row that ``make`` joins to what is last; nobody else adds one meanwhile."""
        ...

    async def note(self, make: Callable[[Last], AuditOutcome]) -> AuditOutcome:
        """The same of an outcome."""
        ...

    async def rows_after(self, seq: int, limit: int) -> Sequence[AuditRow]:
        """At most so many behind row ``seq``, oldest first."""
        ...

    async def outcomes_after(self, number: int, last: int, limit: int) -> Sequence[AuditOutcome]:
        """At most so many behind outcome ``number``, to ``last``, oldest first."""
        ...

    async def outcomes_of(self, first: int, last: int) -> Sequence[AuditOutcome]:
        """Of the acts of these rows."""
        ...

    async def newest(
        self, *, action: str | None, actor: str | None, since_ms: int, limit: int
    ) -> Sequence[AuditedAct]:
        """At most so many that fit, newest first."""
        ...


class HeadFile(Protocol):
    """Where it is said a second time how far the log goes. All of it blocks."""

    def current(self) -> AuditHead | None:
        """What it says; None where it is not there or cannot be read."""
        ...

    def lost(self) -> Mapping[int, AuditHead]:
        """What it said of rows that were not there any more, by the last row that was."""
        ...

    def write(self, head: AuditHead) -> None:
        """Raises ``StorageUnavailable``."""
        ...

    def set_aside(self, last: int) -> None:
        """Keep what it says for ``lost``: row ``last`` is the last that is there."""
        ...
