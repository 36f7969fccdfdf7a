"""Joins what restricts requests: rules, rates, the log of decisions, and the verbs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.errors import ModelNotFound
from appliance.services.allowance import Allowance, DayTally
from appliance.services.classes.gate import ClassGate
from appliance.services.models.permitting import Permitting
from appliance.services.restrictions.book import RestrictionBook
from appliance.services.restrictions.decisions import DecisionLog
from appliance.services.restrictions.gate import RestrictionGate
from appliance.services.restrictions.operators import RestrictionService
from appliance.services.restrictions.origins import Origins
from appliance.services.restrictions.own import OwnRestrictions
from appliance.services.restrictions.owners import CatalogOwners
from appliance.services.restrictions.rates import RateRules
from appliance.services.restrictions.telling import DecisionService
from appliance.services.restrictions.trying import Trying
from appliance.store.store import Store
from appliance.wiring.people import People


@dataclass(frozen=True, slots=True)
class Restricting:
    """The parts that requests, batches and the account of a caller ask."""

    book: RestrictionBook
    gate: RestrictionGate
    decisions: DecisionLog
    allowance: Allowance
    tally: DayTally
    origins: Origins
    own: OwnRestrictions
    operators: RestrictionService
    reviewers: DecisionService

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {**self.operators.handlers(), **self.reviewers.handlers()}

    async def start(self, store: Store) -> None:
        """Count what was used of this day before; the ledger's sweep must be over."""
        self.tally.load(await store.day_use.since(self.tally.began_ms))


async def restrictions(
    settings: Settings,
    catalog: LiveCatalog,
    store: Store,
    people: People,
    *,
    names: Permitting,
    lessons: ClassGate,
    clock: Clock,
    log: Log,
) -> Restricting:
    """What is on the disk, known from now on without a query."""

    def tier_of(recipe_id: str) -> str:
        try:
            return catalog.find(recipe_id)[0].tier
        except ModelNotFound:
            return ""

    owners = CatalogOwners(lambda model: catalog.find(model)[0], lambda: catalog.recipes)
    book = RestrictionBook(tier_of, owners)
    await book.load(store.restrictions)
    decisions = DecisionLog(store.decisions, clock, log)
    gate = RestrictionGate(book, decisions, local_time)
    tally = DayTally(clock, tier_of)
    allowance = Allowance(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        clock=clock,
        rules=RateRules(book, people.keys, lessons.given_by),
        tally=tally,
    )
    operators = RestrictionService(
        book,
        store.restrictions,
        names=names,
        projects=people.directory,
        trying=Trying(book, gate, clock),
        clock=clock,
    )
    reviewers = DecisionService(store.decisions, clock)
    return Restricting(
        book=book,
        gate=gate,
        decisions=decisions,
        allowance=allowance,
        tally=tally,
        origins=Origins(names, gate, lessons),
        own=OwnRestrictions(book),
        operators=operators,
        reviewers=reviewers,
    )


def local_time(time_ms: int) -> datetime:
    """What a clock on the box's wall shows: its zone, its summer time."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone()
