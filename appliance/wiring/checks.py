"""Joins what looks after the fact: spot checks, flaw reports, alerts. Starts and stops them together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.outbound.switch import Switch
from appliance.services.admission.admission import Admission
from appliance.store.store import Store
from appliance.wiring.alerting import Alerting, alerted, alerting
from appliance.wiring.audit import Auditing
from appliance.wiring.flaw_reports import FlawReports, flaw_reports
from appliance.wiring.licenses import Licensing
from appliance.wiring.machinery import Machinery
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.spot_checks import SpotChecks, sampling


@dataclass(frozen=True, slots=True)
class Checks:
    """All three, and what starting them needs."""

    spot: SpotChecks
    flaws: FlawReports
    telling: Alerting
    store: Store
    clock: Clock
    log: Log

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {**self.spot.handlers(), **self.flaws.handlers(), **self.telling.handlers()}


def checks(
    settings: Settings,
    spot: SpotChecks,
    *,
    store: Store,
    catalog: LiveCatalog,
    there: People,
    seen: Oversight,
    licensing: Licensing,
    audit: Auditing,
    admission: Admission,
    machine: Machinery,
    alarms: Callable[[], Sequence[str]],
    switch: Switch,
    clock: Clock,
    log: Log,
) -> Checks:
    """Raises ``ConfigInvalid`` for a way of alerts that cannot be used."""
    flaws = flaw_reports(
        settings,
        store=store,
        there=there,
        checks=spot,
        admission=admission,
        models=machine.models,
        queue=machine.queue,
        clock=clock,
        log=log,
    )
    telling = alerting(
        settings,
        store=store,
        catalog=catalog,
        models=machine.models,
        licensing=licensing,
        seen=seen,
        verifier=audit.verifier,
        alarms=alarms,
        switch=switch,
        clock=clock,
        log=log,
    )
    return Checks(spot, flaws, telling, store, clock, log)


@asynccontextmanager
async def checking(all_of: Checks) -> AsyncIterator[None]:
    """Scope in which samples are taken, bounties paid and alerts told."""
    await all_of.flaws.reviews.pay_due()
    async with (
        sampling(all_of.spot, all_of.store, all_of.clock, all_of.log),
        alerted(all_of.telling, all_of.log),
    ):
        yield
