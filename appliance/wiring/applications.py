"""Joins applications with the registry that countersigns them."""

from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.services.access.countersigning import CountersigningService
from appliance.services.access.sending_applications import RegistryAnswers, SentApplications
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground


@dataclass(frozen=True, slots=True)
class Applying:
    """What leaves, what comes, and what people deal with."""

    sent: SentApplications
    answers: RegistryAnswers
    service: CountersigningService


def applying(ground: Ground, built: Built, clock: Clock) -> Applying:
    """The services."""
    books = built.licensing.access
    return Applying(
        SentApplications(books.asked, ground.identity, ground.outbox),
        RegistryAnswers(books.asked, books.countersignatures),
        CountersigningService(
            applications=built.store.applications,
            grants=built.licenses.access.grants,
            book=books.asked,
            identity=ground.identity,
            clock=clock,
        ),
    )
