"""Joins what tells, ends, exports and erases what is kept about people."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.results import Result
from appliance.policy.privacy_policy import Facts
from appliance.policy.retention import Periods, Record, rules
from appliance.services.classes.book import ClassBook
from appliance.services.privacy.erasing import Erasing
from appliance.services.privacy.exporting import Exporting
from appliance.services.privacy.policy import PrivacyPolicy
from appliance.services.privacy.retention import Retention, Step
from appliance.services.recording import OF_EACH_REQUEST
from appliance.store.personal_tables import KEPT
from appliance.store.store import Store
from appliance.wiring import journal
from appliance.wiring.checks import Checks
from appliance.wiring.licenses import Licensing
from appliance.wiring.network import Network
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting
from appliance.wiring.spot_checks import SpotChecks


@dataclass(frozen=True, slots=True)
class Privacy:
    """``policy`` is public, ``retention`` works by itself too."""

    policy: PrivacyPolicy
    retention: Retention
    exporting: Exporting
    erasing: Erasing

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        services = (self.policy, self.retention, self.exporting, self.erasing)
        return {name: handler for one in services for name, handler in one.handlers().items()}


def privacy(
    settings: Settings,
    checks: Checks,
    catalog: LiveCatalog,
    *,
    people: People,
    licensing: Licensing,
    seen: Oversight,
    restricting: Restricting,
    network: Network,
    lessons: ClassBook,
    forget_refusals: Callable[[], None],
    sweep_files: Callable[[], Awaitable[int]],
) -> Privacy:
    """``sweep_files`` removes the files whose time is over, those of erased people too. ``forget_refusals``
    lets go of what is known of requests that were refused.
    """
    store, clock, spot = checks.store, checks.clock, checks.spot
    table = rules(periods_of(settings))

    async def read_again() -> None:
        await people.directory.load(store.people, store.projects, store.members)
        await people.keys.load()
        await lessons.load(store.classes)
        for book in (licensing.access.waiting, licensing.access.early, spot.book, seen.book):
            await book.load()
        forget_refusals()
        await sweep_files()

    return Privacy(
        policy=PrivacyPolicy(lambda: facts_of(settings, catalog, seen, spot, network)),
        retention=Retention(table, _steps(settings, store), wipe=store.wipe, clock=clock, log=checks.log),
        exporting=Exporting(store.personal, people.directory, store.keys, clock),
        erasing=Erasing(
            records=store.personal,
            persons=people.directory,
            keys=store.keys,
            revoking=people.keys,
            before=(seen.book.flush, spot.book.flush, restricting.decisions.flush),
            after=(read_again, store.wipe),
            kept=[one.sentence for one in KEPT],
            clock=clock,
        ),
    )


def periods_of(settings: Settings) -> Periods:
    """As they were set. A spot check says nothing without the row of its request."""
    return Periods(
        usage=settings.usage_days,
        decisions=settings.decision_days,
        incidents=settings.incident_days,
        samples=min(settings.sample_days, settings.usage_days),
        sample_content=settings.sample_content_days,
        reports=settings.report_days,
        logs=settings.log_days,
        files=settings.file_days,
    )


def _steps(settings: Settings, store: Store) -> Mapping[Record, Step]:
    def rows(record: Record) -> Step:
        async def step(before_ms: int, limit: int) -> int:
            return await store.expiring.expire(record.value, before_ms, limit)

        return step

    async def logs(before_ms: int, _limit: int) -> int:
        await asyncio.to_thread(journal.expire, settings.places.log_file, before_ms)
        return 0

    # Sealed content and files end by a time of their own, which is in their rows.
    ours = (
        Record.DECISIONS,
        Record.INCIDENTS,
        Record.SAMPLES,
        Record.REPORTS,
        Record.ALERTS,
        Record.SESSIONS,
    )
    own = {
        Record.USAGE: store.usage_folding.fold,
        Record.LOGS: logs,
        Record.TALLIES: store.report_tally.forget,
    }
    return own | {one: rows(one) for one in ours}


def facts_of(
    settings: Settings, catalog: LiveCatalog, seen: Oversight, spot: SpotChecks, network: Network
) -> Facts:
    """How the box is set now, as its policy tells it."""
    rates = {tier: line.now for tier, line in spot.book.rules.rates.items()}
    return Facts(
        of_each_request=tuple(OF_EACH_REQUEST.values()),
        rules=rules(periods_of(settings)),
        wires=tuple(wire.title for wire in seen.wires.on.values()),
        classifier=settings.moderation_model if settings.guard_percent else "",
        rates={tier: str(rate or 0) for tier, rate in rates.items()},
        reviewer_keys=spot.keys.count,
        hosted_elsewhere=_hosts(settings, catalog, network),
        alerts=_alerts(settings),
        catalogs=_catalogs(settings),
        offline=network.switch.offline,
        gives_weights=settings.share_weights,
    )


def _hosts(settings: Settings, catalog: LiveCatalog, network: Network) -> tuple[str, ...]:
    if not settings.upstreams or network.exam():
        return ()
    return tuple(sorted({one.upstream.host for one in catalog.recipes if one.upstream is not None}))


def _alerts(settings: Settings) -> tuple[str, ...]:
    mail = ("mail",) if settings.smtp_host and settings.alert_mail_to else ()
    return (*mail, *(("a webhook",) if settings.alert_webhook else ()))


def _catalogs(settings: Settings) -> tuple[str, ...]:
    folder = settings.places.catalogs_dir
    if not settings.catalog_refresh_hours or not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if one.is_dir()))
