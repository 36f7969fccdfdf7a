"""Joins what registries sign about leases, and what follows from it."""

from appliance.catalog.live import LiveCatalog
from appliance.services.licenses.lapsing import Lapsing
from appliance.services.licenses.serving import Serving
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.revoking import Revoking
from appliance.store.store import Store
from appliance.weights.quarantine import Quarantine
from appliance.wiring.grounds import Ground
from appliance.wiring.machinery import Machinery


def lapsing_of(
    leases: LeaseBook,
    grounds: Ground,
    catalog: LiveCatalog,
    store: Store,
    *,
    machine: Machinery,
    service: Serving,
) -> Lapsing:
    """What ends, puts away and starts again what leases are about."""
    revoking = Revoking(
        leases,
        service,
        Quarantine(machine.files.models_dir),
        machine.seals,
        store.leasing.revocations,
        identity=grounds.identity,
        outbox=grounds.outbox,
        clock=grounds.clock,
    )
    lapsing = Lapsing(catalog, leases, service, grounds.clock, models=machine.models, revoking=revoking)
    leases.on_news(lapsing.wake)
    return lapsing
