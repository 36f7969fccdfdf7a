"""Joins flaw reports: who files them, who decides, what an accepted one pays."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.services.admission.admission import Admission
from appliance.services.ledger.adjusting import Adjusting
from appliance.services.models.models import ModelService
from appliance.services.queue import DispatchQueue
from appliance.services.reports.filing import Filing
from appliance.services.reports.own import OwnReports
from appliance.services.reports.reproducing import Reproducer
from appliance.services.reports.reviewing import ReportReviews
from appliance.store.store import Store
from appliance.wiring.people import People
from appliance.wiring.spot_checks import SpotChecks


@dataclass(frozen=True, slots=True)
class FlawReports:
    """``own`` is what people have over TCP."""

    own: OwnReports
    reviews: ReportReviews

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return self.reviews.handlers()


def flaw_reports(
    settings: Settings,
    *,
    store: Store,
    there: People,
    checks: SpotChecks,
    admission: Admission,
    models: ModelService,
    queue: DispatchQueue,
    clock: Clock,
    log: Log,
) -> FlawReports:
    """Shared prompts are sealed to the same keys as content of spot checks, and kept as long."""
    filing = Filing(
        reports=store.reports,
        names=models.permitting,
        admission=admission,
        keys=checks.keys,
        clock=clock,
        days=settings.sample_content_days,
        journeys=store.correspondence.travel,
    )
    reviews = ReportReviews(
        reports=store.reports,
        filing=filing,
        sealed=store.sealed,
        paying=Adjusting(store.adjustments, clock),
        reproducer=Reproducer(models, queue),
        directory=there.directory,
        clock=clock,
        log=log,
        journeys=store.correspondence.travel,
    )
    return FlawReports(OwnReports(store.reports, filing, store.correspondence.travel), reviews)
