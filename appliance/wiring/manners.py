"""Joins what the public API has beside answers: accounts, limits per minute, metrics, access to pages."""

from collections.abc import Callable

from appliance import __version__
from appliance.api.acting import Acting
from appliance.api.manners import Manners
from appliance.api.shared_weights import SharedWeights
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.edge.access import PageAccess
from appliance.edge.noting import Noting
from appliance.outbound.switch import Switch
from appliance.services.binding import Operations
from appliance.services.generation.runs import Runs
from appliance.services.me import OwnAccounts
from appliance.services.metrics.counting import Counting
from appliance.services.metrics.telling import Box, Metrics
from appliance.services.models.models import ModelService
from appliance.services.oversight.guards import Guards
from appliance.services.privacy.policy import PrivacyPolicy
from appliance.services.queue import DispatchQueue
from appliance.services.recording import records_of
from appliance.services.reports.own import OwnReports
from appliance.store.store import Store
from appliance.upstreams.alarms import Alarms
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.ledger import Budgeting
from appliance.wiring.licenses import Licenses
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting


def manners(
    settings: Settings,
    *,
    store: Store,
    people: People,
    seen: Oversight,
    models: ModelService,
    queue: DispatchQueue,
    runs: Runs,
    restricting: Restricting,
    counting: Counting,
    alarms: Alarms,
    connections: Callable[[], int],
    licenses: Licenses,
    reports: OwnReports,
    budgets: Budgeting,
    operations: Operations,
    policy: PrivacyPolicy,
    weights: SharedWeights,
    switch: Switch,
    lessons: ClassRequests,
    noting: Noting,
    clock: Clock,
) -> Manners:
    """``connections`` is asked each time: the listener is made from what is made here."""
    accounts = OwnAccounts(
        keys=people.keys,
        projects=people.projects,
        models=lessons.listed,
        budgets=store.budgets,
        usage=store.usage,
        rates=restricting.allowance,
        queue=queue,
        records=records_of(
            file_days=settings.file_days,
            usage_days=settings.usage_days,
            log_days=settings.log_days,
            upstreams=settings.upstreams,
        ),
        clock=clock,
        notices=seen.notices,
        restrictions=restricting.own,
        access=licenses.own_access.of,
        limits=budgets.own,
    )
    box = Box(
        counting,
        queue,
        models,
        connections,
        lambda: len(runs),
        __version__,
        alarms,
        lambda: switch.offline,
    )
    return Manners(
        accounts=accounts,
        licenses=licenses.own,
        reports=reports,
        acting=Acting(operations, people.directory),
        standing=people.standing,
        rates=restricting.allowance,
        metrics=Metrics(box).text,
        policy=policy,
        weights=weights,
        version=__version__,
        guards=Guards(models.permitting, settings.moderation_model).guard,
        noting=noting,
        access=PageAccess(docs=settings.docs_access, metrics=settings.metrics_access),
    )
