"""Joins alerts: what is looked at, what is heard of, and on which ways it is told."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.alerts import AlertLevel
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.oversight import Incident
from appliance.domain.results import Result
from appliance.outbound.certificates import trusted
from appliance.outbound.client import Outbound
from appliance.outbound.mail import Mailer, MailServer
from appliance.outbound.switch import Switch
from appliance.outbound.webhook import Webhook
from appliance.services.alerts import probes
from appliance.services.alerts.alerts import Alerts
from appliance.services.alerts.looking import Lookout
from appliance.services.alerts.ports import Probe, Sink
from appliance.services.alerts.signs import of_incident
from appliance.services.alerts.sinks import MailSink, WebhookSink
from appliance.services.audit.verifying import Verifier
from appliance.services.models.models import ModelService
from appliance.store.store import Store
from appliance.wiring.background import in_background
from appliance.wiring.licenses import Licensing
from appliance.wiring.oversight import Oversight


@dataclass(frozen=True, slots=True)
class Alerting:
    """``alerts`` is told by whoever notices something."""

    alerts: Alerts
    lookout: Lookout

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return self.alerts.handlers()


def alerting(
    settings: Settings,
    *,
    store: Store,
    catalog: LiveCatalog,
    models: ModelService,
    licensing: Licensing,
    seen: Oversight,
    verifier: Verifier,
    alarms: Callable[[], Sequence[str]],
    switch: Switch,
    clock: Clock,
    log: Log,
) -> Alerting:
    """Raises ``ConfigInvalid`` for an address or a way that cannot be used."""
    alerts = Alerts(
        store.alerts,
        ways(settings, switch, clock),
        least=AlertLevel(settings.alert_level),
        switch=switch,
        clock=clock,
        log=log,
    )

    def heard(incident: Incident, happened: str) -> None:
        if (sign := of_incident(incident, happened)) is not None:
            alerts.tell(sign)

    async def fault() -> str | None:
        found = (await verifier.verify())[1]
        return None if found is None else found.reason

    seen.book.on_incident(heard)
    looks = [
        probes.models(lambda: models.summaries(every=False)),
        probes.leases(lambda: catalog.recipes, licensing.access.leases.of),
        probes.status(store.trouble, alarms),
        probes.audit(fault, clock),
        *_disks(settings),
        *_waiting(settings, store, licensing, clock),
    ]
    return Alerting(alerts, Lookout(looks, alerts, clock, log))


def ways(settings: Settings, switch: Switch, clock: Clock) -> list[Sink]:
    """Those that are set. Raises ``ConfigInvalid``."""
    box = settings.allowed_hosts[0] if settings.allowed_hosts else settings.api_url
    made: list[Sink] = []
    if settings.smtp_host and settings.alert_mail_to:
        made.append(MailSink(mailer(settings, switch), box, clock))
    if settings.alert_webhook:
        outbound = Outbound(switch=switch, proxy=settings.proxy, ca_file=settings.ca_file)
        secret_file = settings.alert_webhook_secret_file
        hook = Webhook(outbound, settings.alert_webhook, secret_file=secret_file, clock=clock)
        made.append(WebhookSink(hook, box))
    return made


def mailer(settings: Settings, switch: Switch) -> Mailer:
    """As the settings say. Raises ``ConfigInvalid``."""
    return Mailer(
        MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            tls=settings.smtp_tls,
            user=settings.smtp_user,
            password_file=settings.smtp_password_file,
        ),
        sender=settings.alert_mail_from or settings.alert_mail_to[0],
        to=settings.alert_mail_to,
        switch=switch,
        certificates=lambda: trusted(settings.ca_file),
    )


@asynccontextmanager
async def alerted(telling: Alerting, log: Log) -> AsyncIterator[None]:
    """Scope in which alerts are told, those of the last process first."""
    await telling.alerts.load()
    async with in_background(telling.alerts.run(), log), in_background(telling.lookout.run(), log):
        yield


def _disks(settings: Settings) -> list[Probe]:
    if not settings.alert_disk_mib:
        return []
    folders = {"data": Path(settings.places.data_dir), "models": Path(settings.places.models_dir)}
    return [probes.disks(folders, settings.alert_disk_mib)]


def _waiting(settings: Settings, store: Store, licensing: Licensing, clock: Clock) -> list[Probe]:
    hours = settings.alert_waiting_hours
    if not hours:
        return []

    async def applications() -> Sequence[int]:
        return [one.applied_ms for one in licensing.access.waiting.open]

    async def requests() -> Sequence[int]:
        return [one.created_ms for one in await store.budget_requests.all(None, every=False)]

    async def reports() -> Sequence[int]:
        return [one.made_ms for one in await store.reports.page(open_only=True, limit=1000)]

    kinds: list[tuple[str, probes.Waiting, str]] = [
        ("application", applications, "carrel access queue"),
        ("budget request", requests, "carrel budget requests"),
        ("report", reports, "carrel report list"),
    ]
    return [
        probes.waiting(kind, since, hours=hours, next_step=step, clock=clock) for kind, since, step in kinds
    ]
