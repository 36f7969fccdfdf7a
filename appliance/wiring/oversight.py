"""Joins what looks on: tripwires, the book of incidents, the gate that they close."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.oversight import Scope
from appliance.domain.people import ApiKey, Caller
from appliance.domain.results import Result
from appliance.services.oversight.ending import AuditLog, end_unreviewed
from appliance.services.oversight.guard_look import GuardLook
from appliance.services.oversight.guards import Guards
from appliance.services.oversight.holding import HoldGate
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.incidents import IncidentService
from appliance.services.oversight.pack_files import lab_packs, release_packs
from appliance.services.oversight.setting import TripwireService
from appliance.services.oversight.tripwires import Explaining, Tripwires
from appliance.services.oversight.watching import Tripping
from appliance.store.store import Store
from appliance.wiring.machinery import Machinery
from appliance.wiring.people import People


@dataclass(frozen=True, slots=True)
class Oversight:
    """``hold`` is a gate, ``tripping`` a watcher; who wants to hear of incidents tells the ``book``."""

    book: IncidentBook
    hold: HoldGate
    tripping: Tripping
    incidents: IncidentService
    tripwires: TripwireService
    wires: Tripwires
    audit: AuditLog
    log: Log

    def notices(self, caller: Caller) -> tuple[str, ...]:
        """What a caller is told, also without asking for an answer."""
        return self.hold.notices(Scope.of(caller))

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {**self.incidents.handlers(), **self.tripwires.handlers()}


async def oversight(
    settings: Settings, store: Store, there: People, audit: AuditLog, *, clock: Clock, log: Log
) -> Oversight:
    """What was noticed before, read from the disk. Raises ``StorageUnavailable``."""
    folder = settings.places.packs_dir
    tripwires = Tripwires(store.tripwires, release_packs(), clock)
    await tripwires.load(*await asyncio.to_thread(lab_packs, folder))
    for fault in tripwires.faults:
        log.warning("pack_left_out", file=fault.file, reason=fault.reason)
    explaining = Explaining(tripwires, there.directory)
    book = IncidentBook(store.incidents, explaining.explained_by, clock, log)
    await book.load()
    tripping = Tripping(tripwires, book, clock.now_ms)

    def used(key: ApiKey, _address: str) -> None:
        tripping.used_canary(key.caller())

    there.keys.on_canary(used)
    return Oversight(
        book=book,
        hold=HoldGate(
            book, tripwires, there.directory, clock, requests_per_minute=settings.requests_per_minute
        ),
        tripping=tripping,
        incidents=IncidentService(store.incidents, book, tripwires, there.directory, clock),
        tripwires=TripwireService(tripwires, book, there.directory, lambda: lab_packs(folder), clock),
        wires=tripwires,
        audit=audit,
        log=log,
    )


def guard_look(settings: Settings, seen: Oversight, machine: Machinery) -> GuardLook:
    """What puts prompts before the guard model."""
    return GuardLook(
        Guards(machine.models.permitting, settings.moderation_model),
        machine.models,
        machine.queue,
        seen.tripping.unsafe,
        percent=settings.guard_percent,
    )


async def looking(seen: Oversight, guard: GuardLook) -> None:
    """Until it is cancelled: write down what is noticed, and end what nobody looks at."""
    await asyncio.gather(seen.book.write(), end_unreviewed(seen.book, seen.audit, seen.log), guard.look())
