"""Joins letters between labs: what labs lend each other, and reports that travel."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.recipe import Recipe
from appliance.domain.results import Result
from appliance.domain.shapes import ModelShapes
from appliance.services.letters.receiving import LetterReceiver
from appliance.services.letters.sending import LetterSender
from appliance.services.peers.asked import PeerRequests
from appliance.services.peers.borrowing import BorrowingService
from appliance.services.peers.lending import LendingService
from appliance.services.peers.letters import AccessLetters
from appliance.services.peers.offering import OfferService
from appliance.services.peers.rooms import PeerRooms
from appliance.services.reports.coming import ComingReports
from appliance.services.reports.letters import FlawLetters
from appliance.services.reports.travelling import TravelService
from appliance.services.sharing.own_list import OwnList
from appliance.upstreams.secrets import Secrets
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground


@dataclass(frozen=True, slots=True)
class Letters:
    """``sender`` is a composer and hears of refusals; ``receiver`` takes what is forwarded."""

    sender: LetterSender
    receiver: LetterReceiver
    lending: LendingService
    borrowing: BorrowingService
    offering: OfferService
    travelling: TravelService

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        services = (self.lending, self.borrowing, self.offering, self.travelling)
        return {name: handler for one in services for name, handler in one.handlers().items()}


def letters(
    ground: Ground, settings: Settings, built: Built, own: OwnList, *, clock: Clock, log: Log
) -> Letters:
    """``own`` is what this lab shares."""
    kept, loans = built.store.correspondence, built.licensing.access.loans
    sender = LetterSender(kept.letters, ground.identity, ground.outbox, clock)
    lending = LendingService(loans.peers, _rooms(built, own, clock), sender, clock)
    borrowing = BorrowingService(
        loans.borrowed,
        built.catalog,
        built.people.directory,
        sender,
        sealing=ground.sealing,
        secrets=Secrets(settings.places.upstream_keys_dir),
        serving=built.machine.models,
        clock=clock,
    )
    names = built.machine.models.permitting
    travelling = TravelService(built.store.reports, kept.travel, names, sender, clock)
    coming = ComingReports(
        kept.travel,
        own,
        built.checked.spot.keys,
        sender,
        clock=clock,
        days=settings.sample_content_days,
    )
    built.checked.flaws.reviews.on_triaged(coming.decided)
    takers = (
        AccessLetters(loans.peers, PeerRequests(loans.peers, own, clock, log), lending, borrowing),
        FlawLetters(coming, travelling),
    )
    sender.tell(takers)
    receiver = LetterReceiver(
        kept.letters,
        ground.identity,
        ground.sealing,
        takers,
        organization=lambda: ground.identity.membership.organization if ground.identity.membership else "",
        clock=clock,
        log=log,
    )
    offering = OfferService(built.catalog, ground.identity, own, ground.sealing, _shapes(built))
    return Letters(sender, receiver, lending, borrowing, offering, travelling)


def _rooms(built: Built, own: OwnList, clock: Clock) -> PeerRooms:
    return PeerRooms(
        projects=built.people.projects,
        directory=built.people.directory,
        keys=built.people.keys,
        allocations=built.store.allocations,
        restrictions=built.store.restrictions,
        book=built.restricting.book,
        own=own,
        clock=clock,
    )


def _shapes(built: Built) -> Callable[[Recipe], ModelShapes | None]:
    """What a token costs, of a model that runs."""

    def of(recipe: Recipe) -> ModelShapes | None:
        running = (one for one in built.machine.models.present if one.recipe.id == recipe.id)
        return next((one.shapes for one in running), None)

    return of
