"""What reporting needs of others."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.domain.audit import AuditHead
from appliance.domain.people import ProjectKind
from appliance.domain.reporting import (
    Chain,
    LeafRow,
    MadeBatch,
    MadeRecord,
    Part,
    Refusals,
    ReportMark,
    SpotRequest,
    TallyRow,
)
from appliance.federation.protocol.usage import CatalogSeen


class Tallies(Protocol):
    """Use by part of a day. All of it raises ``StorageUnavailable``."""

    async def close(self, today: int, *, early: bool = False) -> None:
        """What is of another day is to be reported now."""
        ...

    async def due(self) -> Sequence[Part]:
        """Parts that are to be reported."""
        ...

    async def of_day(self, day: int) -> Sequence[Part]:
        """Those of a day that are in no report yet."""
        ...

    async def open_days(self) -> Sequence[int]:
        """Days with use that is in no report yet."""
        ...

    async def rows(self, part: int) -> Sequence[TallyRow]:
        """What is in one."""
        ...

    async def leaves(self, part: int, *, after: int, limit: int) -> Sequence[LeafRow]:
        """Its requests behind row ``after``, in order."""
        ...

    async def add_refusals(self, counted: Sequence[Refusals]) -> None:
        """Count them, in one commit."""
        ...


class Chains(Protocol):
    """Batches as they were made. All of it raises ``StorageUnavailable``."""

    async def chain(self, box: str) -> Chain:
        """Where it stands."""
        ...

    async def batches(self, box: str) -> Sequence[MadeBatch]:
        """Those that have not been replaced, in order."""
        ...

    async def find(self, box: str, epoch: int, seq: int) -> MadeBatch | None:
        """One of them."""
        ...

    async def counts(self, jti: str) -> bool:
        """Whether a message is a batch that has not been replaced."""
        ...

    async def broken_off(self, part: int) -> bool:
        """Whether a part ended because the gateway did, and not with its day."""
        ...

    async def add(self, chain: Chain, made: Sequence[MadeBatch], records: Sequence[MadeRecord]) -> None:
        """In one commit with the outbox. Raises ``Conflict``."""
        ...

    async def skip(self, part: int, now_ms: int) -> None:
        """Nothing is in it."""
        ...

    async def begin(
        self,
        old: Chain,
        new: Chain,
        made: Sequence[MadeBatch],
        replaced: Sequence[MadeBatch],
        mark: ReportMark,
    ) -> None:
        """A new epoch, in one commit. Raises ``Conflict``."""
        ...

    async def acknowledged(self, chain: Chain, mark: ReportMark | None, now_ms: int) -> None:
        """``chain`` says up to where; what comes after waits to be sent, whether or not it was before."""
        ...

    async def put_chain(self, chain: Chain) -> None:
        """As it stands now."""
        ...

    async def mark(self, mark: ReportMark) -> None:
        """For a person."""
        ...

    async def marks(self, limit: int = 20) -> Sequence[ReportMark]:
        """The newest first."""
        ...

    async def first_of_day(self, day: int) -> Mapping[str, str]:
        """The id of the first record about each thing."""
        ...

    async def records_of(self, part: int) -> Sequence[MadeRecord]:
        """Of one part."""
        ...

    async def records(self, first: int, last: int) -> Sequence[MadeRecord]:
        """Of these days."""
        ...


class Checks(Protocol):
    """What a registry asks to be shown. All of it raises ``StorageUnavailable``."""

    async def add(self, check: SpotRequest) -> bool:
        """The first of an id counts. Returns whether it is new."""
        ...

    async def find(self, id: str) -> SpotRequest | None:
        """One of them."""
        ...

    async def all(self, limit: int = 100) -> Sequence[SpotRequest]:
        """The newest first."""
        ...

    async def decide(self, check: SpotRequest, token: str, jti: str) -> None:
        """How it was decided, with the answer, in one commit with the outbox. Raises ``Conflict`` where that
        was done before.
        """
        ...


class Around(Protocol):
    """What a report says beside sums."""

    def purpose(self, project_id: str) -> ProjectKind:
        """What a project is for."""
        ...

    def lease(self, model: str) -> str:
        """The id of the lease that a model is served by; empty: none."""
        ...

    async def audit(self) -> AuditHead:
        """Where the audit log stands."""
        ...

    async def catalog(self) -> CatalogSeen:
        """Which catalog of the registry the box has."""
        ...
