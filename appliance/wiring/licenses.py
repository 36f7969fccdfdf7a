"""Joins what decides who may use which model under its license."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.catalog.license_texts import LicenseTexts
from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.results import Result
from appliance.services.access.own import OwnAccesses
from appliance.services.generation.runs import Runs
from appliance.services.licenses.book import AcceptanceBook
from appliance.services.licenses.lapsing import Lapsing
from appliance.services.licenses.licenses import LicenseService
from appliance.services.licenses.own import OwnLicenses
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.records import Records
from appliance.services.licenses.register import Register
from appliance.services.licenses.serving import Serving
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey
from appliance.wiring.access import Access, AccessBooks, access, access_books
from appliance.wiring.grounds import Ground
from appliance.wiring.leases import lapsing_of
from appliance.wiring.machinery import Machinery
from appliance.wiring.people import People


@dataclass(frozen=True, slots=True)
class Licensing:
    """``permits`` is known before there are models; the rest ends what they do."""

    register: Register
    permits: Permits
    book: AcceptanceBook
    access: AccessBooks
    grounds: Ground


@dataclass(frozen=True, slots=True)
class Licenses:
    """What operators and students deal with."""

    operators: LicenseService
    access: Access
    own: OwnLicenses
    own_access: OwnAccesses
    lapsing: Lapsing

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {**self.operators.handlers(), **self.access.handlers()}


async def licensing(
    settings: Settings, store: Store, people: People, grounds: Ground, clock: Clock
) -> Licensing:
    """What was accepted, signed and granted, read from the disk."""
    books = await access_books(settings, store, people.directory, grounds, clock)
    register = Register()
    records = Records(lambda: BoxKey.at(settings.places.box_key))
    book = AcceptanceBook(store.acceptances, records, register, clock)
    await book.load()
    permits = Permits(
        register,
        books.leases,
        books.rule,
        purpose_of=lambda project: people.projects.project(project).kind,
        lent=books.loans,
    )
    return Licensing(register, permits, book, books, grounds)


def licenses(
    known: Licensing,
    *,
    catalog: LiveCatalog,
    texts: LicenseTexts,
    store: Store,
    people: People,
    runs: Runs,
    machine: Machinery,
    clock: Clock,
) -> Licenses:
    """The services."""
    models = machine.models
    service = Serving(runs, models)
    lapsing = lapsing_of(known.access.leases, known.grounds, catalog, store, machine=machine, service=service)
    return Licenses(
        LicenseService(catalog=catalog, texts=texts, book=known.book, permits=known.permits, service=service),
        access(
            known.access,
            catalog=catalog,
            directory=people.directory,
            projects=people.projects,
            store=store,
            service=service,
            clock=clock,
            permits=known.permits,
        ),
        OwnLicenses(catalog=catalog, texts=texts, book=known.book, permits=known.permits, service=service),
        OwnAccesses(catalog, lambda: {one.recipe.id for one in models.present}, known.access.rule),
        lapsing,
    )
