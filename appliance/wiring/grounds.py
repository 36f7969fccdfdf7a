"""Joins what the rest of the box needs of the federation before there are models: who it is, whom it
believes, what time it is.
"""

from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.outbound.switch import Switch
from appliance.services.federation.believing import BelievedRegistries
from appliance.services.federation.identity import FederationIdentity
from appliance.services.federation.outbox import KeptOutbox
from appliance.services.federation.own_sealing_key import OwnSealingKey
from appliance.services.federation.trusted_clock import TrustedClock
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys
from appliance.wiring.system_clock import MachineCount


@dataclass(frozen=True, slots=True)
class Ground:
    """What other parts need of it, before there are models. ``clock`` is the one that signed times defend:
    leases, countersignatures and the freshness of signed catalogs go by it.
    """

    identity: FederationIdentity
    registries: BelievedRegistries
    outbox: KeptOutbox
    sealing: OwnSealingKey
    clock: TrustedClock
    switch: Switch


async def ground(settings: Settings, store: Store, switch: Switch, clock: Clock) -> Ground:
    """Read from the disk. Raises ``StorageUnavailable``."""
    places = settings.places
    trusted = TrustedClock(clock, MachineCount(), store.leasing.times)
    await trusted.load()
    identity = FederationIdentity(
        places.federation_key,
        store.federation,
        box_key=lambda: BoxKey.at(places.box_key).public.id,
        clock=trusted,
    )
    await identity.load()
    registries = BelievedRegistries(store.federation, RegistryKeys(places.registry_keys_dir))
    await registries.load()
    return Ground(
        identity=identity,
        registries=registries,
        outbox=KeptOutbox(store.outbox),
        sealing=OwnSealingKey(places.federation_sealing_key),
        clock=trusted,
        switch=switch,
    )
