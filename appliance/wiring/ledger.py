"""Joins what sets, shows and gives budgets, and what sums their use."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.model import ModelState
from appliance.domain.results import Result
from appliance.errors import ModelNotFound
from appliance.policy.amounts import USUAL_ANSWER_TOKENS, USUAL_PROMPT_TOKENS
from appliance.policy.flops import gflop
from appliance.policy.owners import owner_of
from appliance.policy.prices import micro_credits
from appliance.services.batches.pacing import PacedLedger
from appliance.services.generation.ports import Ledger
from appliance.services.ledger.adjusting import Adjusting
from appliance.services.ledger.asking import AskingService
from appliance.services.ledger.correcting import CorrectionService
from appliance.services.ledger.duties import Duties, NoDuties
from appliance.services.ledger.limits import LimitService
from appliance.services.ledger.own import OwnLimits
from appliance.services.ledger.raw_meters import PowerMeter, RawMeters, Whereabouts
from appliance.services.ledger.references import KnownModel, References
from appliance.services.ledger.statements import StatementService
from appliance.services.metrics.counting import Counting
from appliance.services.metrics.metered_ledger import MeteredLedger
from appliance.services.models.models import ModelService
from appliance.services.models.running import RunningModel
from appliance.services.usage import UsageService
from appliance.store.store import Store
from appliance.wiring.people import People
from appliance.workers.power import PowerReader


@dataclass(frozen=True, slots=True)
class Budgeting:
    """``adjusting`` is what bounties are given by, ``references`` how an amount is said in other words."""

    adjusting: Adjusting
    references: References
    limits: LimitService
    asking: AskingService
    corrections: CorrectionService
    statements: StatementService
    usage: UsageService
    own: OwnLimits

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        services = (self.limits, self.asking, self.corrections, self.statements, self.usage)
        return {name: handler for one in services for name, handler in one.handlers().items()}


def budgeting(
    store: Store,
    people: People,
    models: ModelService,
    clock: Clock,
    duties: Duties = NoDuties(),  # noqa: B008 - has no state
) -> Budgeting:
    """Everything about money but what requests take, which is the ledger's."""

    def recipe_of(model: str) -> str:
        return models.permitting.find(model)[0].id

    def owner(model: str) -> str:
        try:
            return owner_of(models.permitting.find(model)[0])
        except ModelNotFound:
            return "unknown"

    references = References(store.usage, lambda: _running(models), clock)
    adjusting = Adjusting(store.adjustments, clock)
    limits = LimitService(
        store.allocations, references, people.directory, people.keys, recipe_of, duties=duties
    )
    return Budgeting(
        adjusting=adjusting,
        references=references,
        limits=limits,
        asking=AskingService(store.budget_requests, store.allocations, people.directory, clock, duties),
        corrections=CorrectionService(adjusting),
        statements=StatementService(store.usage, store.adjustments, limits, owner, clock),
        usage=UsageService(store.usage, clock),
        own=OwnLimits(store.allocations, references, clock),
    )


def metered(store: Store, counting: Counting, models: ModelService, clock: Clock) -> Ledger:
    """The ledger as requests use it: what only the box can measure is added, commits of lines wait for their
    beat.
    """
    raw = RawMeters(store.ledger, PowerMeter(PowerReader().read_mw, clock), _Gauges(models))
    return PacedLedger(MeteredLedger(raw, counting, clock))


@dataclass(frozen=True, slots=True)
class _Gauges:
    models: ModelService

    def of(self, model_id: str) -> Whereabouts:
        """As it runs now."""
        for one in self.models.present:
            if one.id == model_id:
                elsewhere = one.recipe.upstream
                price = None if elsewhere is None else elsewhere.price.money
                return Whereabouts(tuple(order.gpus for order in one.orders), price)
        return Whereabouts()


def _running(models: ModelService) -> Iterator[KnownModel]:
    for one in models.present:
        if one.state is ModelState.READY and not one.lent:
            yield KnownModel(one.id, _usual_cost(one))


def _usual_cost(model: RunningModel) -> int:
    if model.recipe.upstream is not None:
        return micro_credits(
            model.recipe.upstream.price,
            prompt_tokens=USUAL_PROMPT_TOKENS,
            cached_tokens=0,
            completion_tokens=USUAL_ANSWER_TOKENS,
        )
    if model.shapes is None:
        return 0
    answer = 0 if model.recipe.pooling else USUAL_ANSWER_TOKENS
    return gflop(model.shapes, prompt_tokens=USUAL_PROMPT_TOKENS, cached_tokens=0, generated_tokens=answer)
