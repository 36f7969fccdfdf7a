"""Joins what decides who may use which model by its tier."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.results import Result
from appliance.services.access.agreement_service import AgreementService
from appliance.services.access.agreements import AgreementBook
from appliance.services.access.applying import ApplicationService
from appliance.services.access.asking_registry import AskedBook
from appliance.services.access.deciding import AccessRule
from appliance.services.access.early import EarlyBook
from appliance.services.access.early_service import EarlyService
from appliance.services.access.granting import GrantService
from appliance.services.access.grants import GrantBook
from appliance.services.access.ports import Service
from appliance.services.access.records import SignatureRecords
from appliance.services.access.registry_standing import RegistryStanding
from appliance.services.access.waiting import WaitingApplications
from appliance.services.licenses.permits import Permits
from appliance.services.peers.book import BorrowBook, Loans, PeerBook
from appliance.services.people.directory import Directory
from appliance.services.projects import ProjectService
from appliance.services.registries.countersignatures import CountersignatureBook
from appliance.services.registries.lease_service import LeaseService
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.status_lists import StatusBook
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys
from appliance.wiring.grounds import Ground


@dataclass(frozen=True, slots=True)
class AccessBooks:
    """What is remembered, and the rule on it: known before there are models."""

    agreements: AgreementBook
    grants: GrantBook
    countersignatures: CountersignatureBook
    asked: AskedBook
    standing: RegistryStanding
    waiting: WaitingApplications
    early: EarlyBook
    leases: LeaseBook
    operators_of_leases: LeaseService
    rule: AccessRule
    loans: Loans


@dataclass(frozen=True, slots=True)
class Access:
    """What operators, leads and members deal with."""

    agreements: AgreementService
    grants: GrantService
    applications: ApplicationService
    early: EarlyService
    leases: LeaseService

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        services = (self.agreements, self.grants, self.applications, self.early, self.leases)
        return {name: handler for one in services for name, handler in one.handlers().items()}


async def access_books(
    settings: Settings, store: Store, directory: Directory, grounds: Ground, clock: Clock
) -> AccessBooks:
    """Read from the disk."""

    def key() -> BoxKey:
        return BoxKey.at(settings.places.box_key)

    def box() -> str:
        return key().public.id

    registries = grounds.registries
    agreements = AgreementBook(store.agreements, SignatureRecords(key), clock)
    grants = GrantBook(store.grants, clock)
    countersignatures = CountersignatureBook(
        store.countersignatures, registries, grounds.identity, grants, grounds.clock
    )
    asked = AskedBook(store.registry_applications, clock)
    by_hand = RegistryKeys(settings.places.registry_keys_dir)
    standing = RegistryStanding(
        enrolled=lambda: grounds.identity.enrolled,
        by_hand=lambda: by_hand.present,
        asked=asked,
        countersignatures=countersignatures,
        clock=clock,
    )
    waiting = WaitingApplications(store.applications)
    early = EarlyBook(store.early_stages, clock)
    statuses = StatusBook(store.leasing.status_lists, registries)
    leases = LeaseBook(store.leases, registries, grounds.identity, grounds.clock, statuses)
    loans = Loans(PeerBook(store.correspondence.peers), BorrowBook(store.correspondence.borrowed, clock))
    for one in (agreements, grants, countersignatures, asked, waiting, early, leases, loans):
        await one.load()
    rule = AccessRule(
        directory,
        agreements=agreements,
        grants=grants,
        countersignatures=countersignatures,
        waiting=waiting,
        early=early,
        standing=standing,
        clock=clock,
    )
    return AccessBooks(
        agreements=agreements,
        grants=grants,
        countersignatures=countersignatures,
        asked=asked,
        standing=standing,
        waiting=waiting,
        early=early,
        leases=leases,
        operators_of_leases=LeaseService(
            leases,
            registries,
            lambda: grounds.identity.box_id if grounds.identity.enrolled else box(),
            grounds.clock,
            requests=store.leasing.requests,
            trouble=lambda: grounds.clock.words().trouble,
        ),
        rule=rule,
        loans=loans,
    )


def access(
    books: AccessBooks,
    *,
    catalog: LiveCatalog,
    directory: Directory,
    projects: ProjectService,
    store: Store,
    service: Service,
    clock: Clock,
    permits: Permits,
) -> Access:
    """The services; ``service`` ends what runs."""
    grants = GrantService(
        catalog=catalog,
        directory=directory,
        book=books.grants,
        countersignatures=books.countersignatures,
        standing=books.standing,
        service=service,
        clock=clock,
        leases=permits,
    )
    applications = ApplicationService(
        applications=store.applications,
        waiting=books.waiting,
        agreements=books.agreements,
        grants=grants,
        directory=directory,
        clock=clock,
    )
    return Access(
        agreements=AgreementService(books.agreements, directory, _Purposes(projects), clock),
        grants=grants,
        applications=applications,
        early=EarlyService(books.early, catalog, directory, service, clock),
        leases=books.operators_of_leases,
    )


@dataclass(frozen=True, slots=True)
class _Purposes:
    """What a project does, said by whoever signs for it."""

    projects: ProjectService

    async def describe(self, project: str, purpose: str) -> None:
        """Raises ``NotFound``, ``StorageUnavailable``."""
        await self.projects.change(project=project, purpose=purpose)
