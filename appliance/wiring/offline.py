"""Joins what an operator is told of the one switch, and what follows it."""

from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.outbound.switch import Switch
from appliance.services.outside.following import Following
from appliance.services.outside.offline import OfflineService
from appliance.services.outside.waiting import Waiting
from appliance.wiring.building import Built
from appliance.wiring.federation import Federation


@dataclass(frozen=True, slots=True)
class Offline:
    """``switch`` and ``following`` go on in the background."""

    switch: Switch
    service: OfflineService
    following: Following


def offline(
    settings: Settings, switch: Switch, built: Built, federated: Federation, *, clock: Clock, log: Log
) -> Offline:
    """Nothing follows yet."""
    asked = built.licensing.access.asked
    waiting = Waiting(
        switch,
        built.store.outbox,
        built.store.federation,
        membership=lambda: federated.ground.identity.membership,
        every_h=settings.sync_hours,
        catalogs=built.signed.on_network,
        catalogs_h=settings.catalog_refresh_hours,
        downloads=lambda: built.downloads.service.kept_offline_since_ms,
        alerts=lambda: built.checked.telling.alerts.waiting_since_ms,
        applications=lambda: [one.agreed_ms or one.made_ms for one in asked.unanswered()],
        clock=clock,
    )
    return Offline(
        switch,
        OfflineService(switch, waiting.all, unreached=federated.service.unreached, clock=clock),
        Following(switch, built.machine.models, log),
    )
