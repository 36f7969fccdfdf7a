"""Joins what decides who may use which model under its license."""

from dataclasses import dataclass

from appliance.catalog.license_texts import LicenseTexts
from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.services.generation.generator import Generator
from appliance.services.licenses.access import AccessService
from appliance.services.licenses.book import AcceptanceBook
from appliance.services.licenses.licenses import LicenseService
from appliance.services.licenses.own import OwnLicenses
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.records import Records
from appliance.services.licenses.register import Register
from appliance.services.licenses.serving import Serving
from appliance.services.models.models import ModelService
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey


@dataclass(frozen=True, slots=True)
class Licensing:
    """``permits`` is known before there are models; the rest ends what they do."""

    register: Register
    permits: Permits
    book: AcceptanceBook


@dataclass(frozen=True, slots=True)
class Licenses:
    """What operators and students deal with."""

    operators: LicenseService
    access: AccessService
    own: OwnLicenses


async def licensing(settings: Settings, store: Store, clock: Clock) -> Licensing:
    """What was accepted and granted, read from the disk."""
    register = Register()
    records = Records(lambda: BoxKey.at(settings.places.box_key))
    book = AcceptanceBook(store.acceptances, records, register, clock)
    await book.load()
    for grant in await store.grants.all():
        register.give(grant)
    return Licensing(register, Permits(register, clock), book)


def licenses(
    known: Licensing,
    *,
    catalog: LiveCatalog,
    texts: LicenseTexts,
    store: Store,
    generator: Generator,
    models: ModelService,
    clock: Clock,
) -> Licenses:
    """The services."""
    service = Serving(generator, models)
    return Licenses(
        LicenseService(catalog=catalog, texts=texts, book=known.book, permits=known.permits, service=service),
        AccessService(
            catalog=catalog,
            projects=store.projects,
            grants=store.grants,
            register=known.register,
            service=service,
            clock=clock,
        ),
        OwnLicenses(catalog=catalog, texts=texts, book=known.book, permits=known.permits, service=service),
    )
