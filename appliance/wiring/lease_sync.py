"""Joins what the box says to its registry about leases, and takes from it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.config import Settings
from appliance.federation.protocol.pseudonyms import pseudonym
from appliance.services.registries.class_leases import ClassLeases
from appliance.services.registries.lease_alarms import LeaseAlarms
from appliance.services.registries.lease_lines import LeaseLines
from appliance.services.registries.requesting import LeaseRequester
from appliance.services.registries.taking import LeaseReceiver, LeaseRefusals
from appliance.services.registries.wishing import LeaseWishes
from appliance.trust.own_secret import own_secret
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground


@dataclass(frozen=True, slots=True)
class LeaseSync:
    """What takes part in a sync, what an operator wishes and is told."""

    requester: LeaseRequester
    receiver: LeaseReceiver
    refusals: LeaseRefusals
    wishes: LeaseWishes
    alarms: LeaseAlarms
    classes: ClassLeases
    lines: LeaseLines


def lease_sync(ground: Ground, settings: Settings, built: Built) -> LeaseSync:
    """``built`` has the rest of the box."""

    def called(project: str) -> str:
        today = datetime.fromtimestamp(ground.clock.now_ms() / 1000, UTC).date()
        return pseudonym(own_secret(settings.places.federation_secret), project, today)

    books, requests = built.licensing.access, built.store.leasing.requests
    files = built.machine.files
    return LeaseSync(
        LeaseRequester(
            built.catalog,
            books.leases,
            requests,
            files=files,
            acceptances=built.licensing.book,
            pseudonym=called,
            identity=ground.identity,
            outbox=ground.outbox,
            clock=ground.clock,
        ),
        LeaseReceiver(books.leases, requests, ground.clock),
        LeaseRefusals(requests, ground.clock),
        LeaseWishes(
            requests,
            books.operators_of_leases,
            built.catalog,
            built.people.directory,
            enrolled=lambda: ground.identity.enrolled,
            clock=ground.clock,
        ),
        LeaseAlarms(built.catalog, books.leases, files),
        ClassLeases(built.catalog, books.leases, books.grants, files),
        LeaseLines(books.leases, requests),
    )
