"""Joins what waits for somebody from the parts that know it, and what is found by a request's id."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.inbox import MOST_ROWS, Kind
from appliance.domain.license import Lease
from appliance.domain.results import InboxRow, Result
from appliance.services.alerts.probes import MIB, free_bytes
from appliance.services.finding.finding import FindingService
from appliance.services.finding.refusals import Refusals
from appliance.services.inbox import asking, box, federation, looking, models
from appliance.services.inbox.inbox import Found, Gatherer, InboxService
from appliance.services.models.troubled import Troubled
from appliance.wiring.building import Built

_MOST: int = 5 * MOST_ROWS
"""Rows that are read of one table: more are not counted."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inboxes:
    """``refusals`` hears of errors."""

    inbox: InboxService
    finding: FindingService

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {**self.inbox.handlers(), **self.finding.handlers()}


def inboxes(
    settings: Settings,
    built: Built,
    *,
    alarms: Callable[[], Sequence[str]],
    refusals: Refusals,
    clock: Clock,
) -> Inboxes:
    """``alarms`` are those of `carrel status`."""
    gatherers = (
        *_people(built),
        *_models(built, clock),
        *_registry(built, clock),
        *_box(settings, built, alarms, clock),
    )
    finding = FindingService(settings.places.log_file, built.store.requests, refusals)
    return Inboxes(InboxService(gatherers), finding)


def _people(built: Built) -> tuple[Gatherer, ...]:
    store = built.store
    waiting, incidents = built.licensing.access.waiting, built.seen.book
    return (
        Gatherer(Kind.APPLICATION, _now(lambda: asking.applications(waiting.open))),
        Gatherer(
            Kind.BUDGET_REQUEST, _then(lambda: store.budget_requests.waiting(_MOST), asking.budget_requests)
        ),
        Gatherer(Kind.INCIDENT, _now(lambda: looking.incidents(incidents.standing)), also=(Kind.APPEAL,)),
        Gatherer(Kind.SAMPLE, _then(lambda: store.samples.waiting(_MOST), looking.samples)),
        Gatherer(
            Kind.REPORT, _then(lambda: store.reports.page(open_only=True, limit=_MOST), looking.reports)
        ),
    )


def _models(built: Built, clock: Clock) -> tuple[Gatherer, ...]:
    books, files = built.licensing.access, built.machine.files
    troubled = Troubled(
        built.machine.models.permitting,
        is_here=lambda recipe, form: files.folder_of(recipe, form) is not None,
        trouble_of=files.trouble_of,
        clock=clock,
    )

    def counting() -> Iterator[Lease]:
        for model in {one.model for one in books.leases.leases}:
            lease = books.leases.of(model)
            if lease is not None:
                yield lease

    return (
        Gatherer(Kind.DOWNLOAD_FAILED, _now(lambda: models.downloads(built.downloads.service.unfinished))),
        Gatherer(
            Kind.MODEL_PENDING,
            _now(lambda: models.models(troubled())),
            also=(Kind.LICENSE_MISSING,),
        ),
        Gatherer(Kind.LEASE_ENDING, _now(lambda: models.leases(counting(), clock.now_ms()))),
    )


def _registry(built: Built, clock: Clock) -> tuple[Gatherer, ...]:
    store, peers = built.store, built.licensing.access.loans.peers
    return (
        Gatherer(
            Kind.NOTICE,
            _then(store.federation.notices, lambda kept: federation.notices(kept, clock.now_ms())),
        ),
        Gatherer(Kind.CHECK, _then(store.report_checks.all, federation.checks)),
        Gatherer(Kind.SHARE_REQUEST, _now(lambda: federation.share_requests(peers.all()))),
        Gatherer(Kind.MESSAGE_REFUSED, _then(store.outbox.refused, federation.refused_messages)),
    )


def _box(
    settings: Settings, built: Built, alarms: Callable[[], Sequence[str]], clock: Clock
) -> tuple[Gatherer, ...]:
    owing, directory = built.owing, built.people.directory
    folders = {"data": settings.places.data_dir, "models": settings.places.models_dir}

    def duties() -> Iterator[InboxRow]:
        for project in directory.projects():
            owed = owing.duties.owed(project)
            if owed.open:
                records = owing.duties.facts(project).records
                yield from box.duties(project.id, owed, records, clock.now_ms())

    async def storage() -> Iterable[InboxRow]:
        free = await asyncio.to_thread(_free, folders)
        return box.storage(built.store.trouble(), free, settings.alert_disk_mib * MIB)

    return (
        Gatherer(Kind.DUTY, _now(duties)),
        Gatherer(Kind.ALARM, _now(lambda: box.alarms(alarms()))),
        Gatherer(Kind.STORAGE, storage),
    )


def _free(folders: Mapping[str, Path]) -> list[tuple[str, int]]:
    return [(name, free_bytes(folder)) for name, folder in folders.items()]


def _now(rows: Callable[[], Iterable[InboxRow]]) -> Found:
    """From memory."""

    async def found() -> Iterable[InboxRow]:
        return rows()

    return found


def _then(
    listed: Callable[[], Awaitable[Sequence[T]]], rows: Callable[[Sequence[T]], Iterable[InboxRow]]
) -> Found:
    """Of what is read first."""

    async def found() -> Iterable[InboxRow]:
        return rows(await listed())

    return found
