"""What flaw reports need from others."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.domain.people import Caller, Owner, Person, Project
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.report_travel import Journey, Origin, Travel
from appliance.domain.reports import Report, ReportState
from appliance.domain.running import RunWishes
from appliance.domain.samples import Sealed
from appliance.engines.base import Work
from appliance.federation.protocol.letters import AnyBody
from appliance.services.generation.ports import ServedModel, TokenSource
from appliance.services.letters.ports import Reader
from appliance.services.queue import Place, Share


class Reports(Protocol):
    """Where reports are remembered."""

    async def add(self, report: Report, sealed: Sequence[Sealed], *, most_open: int) -> None:
        """Raises ``TryAgain`` for one more than its reporter may have open."""
        ...

    async def page(self, *, open_only: bool, owner: Owner | None = None, limit: int) -> Sequence[Report]:
        """The newest first."""
        ...

    async def get(self, report_id: str, owner: Owner | None = None) -> Report:
        """Of one reporter, or of anybody. Raises ``NotFound``."""
        ...

    async def triage(
        self, report_id: str, state: ReportState, *, reason: str, micro: int, by: str, now_ms: int
    ) -> None:
        """Once. Raises ``NotFound``, ``Conflict``."""
        ...

    async def due(self) -> Sequence[Report]:
        """Accepted ones whose credits the ledger may not have."""
        ...

    async def paid(self, report_id: str) -> None:
        """The ledger has them."""
        ...


class Journeys(Protocol):
    """Where is remembered which reports leave, and which came from elsewhere."""

    async def journeys(self, report_ids: Sequence[str]) -> Mapping[str, Journey]:
        """Of those reports that have one."""
        ...

    async def want(self, report_id: str) -> None:
        """Its reporter would have it go to the owner of the model."""
        ...


class NoJourneys:
    """A box whose reports stay."""

    async def journeys(self, _report_ids: Sequence[str]) -> Mapping[str, Journey]:
        """None."""
        return {}

    async def want(self, _report_id: str) -> None:
        """Nobody reads it."""


class Travels(Journeys, Protocol):
    """The same, for whoever sends and takes them."""

    async def put(self, travel: Travel) -> None:
        """What is known of it now."""
        ...

    async def of(self, report_id: str) -> Travel | None:
        """None: nobody wants it to leave."""
        ...

    async def of_thread(self, thread: str) -> Travel | None:
        """The one whose letter began it."""
        ...

    async def came(self, report: Report, sealed: Sequence[Sealed], origin: Origin, *, most_open: int) -> None:
        """A report of another box; the first of a thread counts. Raises ``TryAgain``."""
        ...

    async def origin(self, report_id: str) -> Origin | None:
        """None: it is one of this box."""
        ...

    async def answered(self, report_id: str, now_ms: int) -> None:
        """Its box was told what was decided."""
        ...


class Letters(Protocol):
    """Who sends letters to other labs."""

    def require_enrolled(self) -> None:
        """Raises ``Conflict``."""
        ...

    async def send(self, reader: Reader, thread: str, body: AnyBody) -> str:
        """Its id. Raises ``Conflict``, ``BadRequest``, ``StorageUnavailable``."""
        ...


class OwnModel(Protocol):
    """One that this lab shares."""

    @property
    def recipe(self) -> Recipe:
        """As it is listed."""
        ...


class OwnModels(Protocol):
    """What this lab shares."""

    @property
    def models(self) -> Sequence[OwnModel]:
        """All of them."""
        ...


class SealedTexts(Protocol):
    """Where sealed content is."""

    async def of(self, owner: str, now_ms: int) -> Sequence[Sealed]:
        """Once for each key."""
        ...


class Sealing(Protocol):
    """Keys of reviewers."""

    @property
    def count(self) -> int:
        """Of those that count."""
        ...

    def seal(self, content: bytes) -> tuple[tuple[str, str], ...]:
        """For each key that counts: its id, and what only its private half opens."""
        ...


class Names(Protocol):
    """Which models there are."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


class Admission(Protocol):
    """Who may ask which model."""

    def check(self, caller: Caller, model: str) -> None:
        """Raises ``ModelNotFound``, ``NotLicensed``, ``NotPermitted``."""
        ...

    def rename(self, caller: Caller, model: str) -> str:
        """The model's name to everybody, where the caller has one of their own for it; else the same."""
        ...


class Directory(Protocol):
    """Who there is."""

    def person(self, id: str) -> Person | None:
        """None for one that is not known."""
        ...

    def project(self, id: str) -> Project | None:
        """None for one that is not known."""
        ...


class Paying(Protocol):
    """The ledger, for what is given outside of requests."""

    async def adjust(
        self,
        *,
        project: str,
        micro: int,
        kind: AdjustmentKind,
        reason: str,
        reference: str = "",
        actor: str,
        person: str | None = None,
    ) -> Adjustment:
        """Raises ``NotFound``, and ``Conflict`` the second time for one reference."""
        ...


class Models(Protocol):
    """The models of this box."""

    def lend(self, model: str, wishes: RunWishes) -> AbstractAsyncContextManager[ServedModel]:
        """Scope in which a model runs, started for it where it did not. Raises ``CarrelError``."""
        ...


class Queue(Protocol):
    """Where work waits for room in a source of tokens."""

    def join(self, model: str, work: Work, sources: Sequence[TokenSource], share: Share) -> Place:
        """Wait for a turn from now on."""
        ...
