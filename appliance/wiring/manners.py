"""Joins what the public API has beside answers: accounts, limits per minute, metrics, access to pages."""

from collections.abc import Callable

from appliance import __version__
from appliance.api.manners import Manners
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.edge.access import PageAccess
from appliance.services.allowance import Allowance
from appliance.services.generation.generator import Generator
from appliance.services.keys import KeyService
from appliance.services.licenses.own import OwnLicenses
from appliance.services.me import OwnAccounts
from appliance.services.metrics.counting import Counting
from appliance.services.metrics.telling import Box, Metrics
from appliance.services.models.models import ModelService
from appliance.services.projects import ProjectService
from appliance.services.queue import DispatchQueue
from appliance.services.recording import records_of
from appliance.store.store import Store
from appliance.upstreams.alarms import Alarms


def allowance_of(settings: Settings, clock: Clock) -> Allowance:
    """What each person may have per minute."""
    return Allowance(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        clock=clock,
    )


def manners(
    settings: Settings,
    *,
    store: Store,
    keys: KeyService,
    projects: ProjectService,
    models: ModelService,
    queue: DispatchQueue,
    generator: Generator,
    allowance: Allowance,
    counting: Counting,
    alarms: Alarms,
    connections: Callable[[], int],
    licenses: OwnLicenses,
    clock: Clock,
) -> Manners:
    """``connections`` is asked each time: the listener is made from what is made here."""
    accounts = OwnAccounts(
        keys=keys,
        projects=projects,
        models=models,
        budgets=store.budgets,
        usage=store.usage,
        rates=allowance,
        queue=queue,
        records=records_of(file_days=settings.file_days, upstreams=settings.upstreams),
        clock=clock,
    )
    box = Box(counting, queue, models, connections, lambda: generator.unsettled, __version__, alarms)
    return Manners(
        accounts=accounts,
        licenses=licenses,
        rates=allowance,
        metrics=Metrics(box).text,
        version=__version__,
        access=PageAccess(docs=settings.docs_access, metrics=settings.metrics_access),
    )
