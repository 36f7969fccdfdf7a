"""Joins what computes: the queue, the files, the machine and the models on it."""

from dataclasses import dataclass
from pathlib import Path

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.hardware import HardwareService
from appliance.services.licenses.permits import Permits
from appliance.services.models.aliases import Aliases
from appliance.services.models.listing import Coming, Restricted
from appliance.services.models.models import ModelService
from appliance.services.models.whereabouts import Whereabouts
from appliance.services.queue import DispatchQueue, QueueLimits
from appliance.services.routing import Router
from appliance.services.verifying.book import FidelityBook
from appliance.services.verifying.seals import SealBook
from appliance.store.store import Store
from appliance.upstreams.alarms import Alarms
from appliance.weights.seals import Sealing
from appliance.wiring.hardware import hardware_service
from appliance.wiring.model_files import ModelFiles
from appliance.wiring.models import model_service
from appliance.wiring.network import Network
from appliance.wiring.processes import Keeping
from appliance.workers.xid_events import XidEvents


@dataclass(frozen=True, slots=True)
class Machinery:
    """What a request runs on."""

    queue: DispatchQueue
    seals: SealBook
    files: ModelFiles
    xids: XidEvents
    alarms: Alarms
    hardware: HardwareService
    fidelity: FidelityBook
    models: ModelService


async def machinery(
    settings: Settings,
    catalog: LiveCatalog,
    bundled: Path,
    *,
    store: Store,
    permits: Permits,
    coming: Coming,
    restricted: Restricted,
    network: Network,
    keeping: Keeping,
    clock: Clock,
    log: Log,
) -> Machinery:
    """Nothing runs yet. ``bundled`` is the folder of models that Carrel came with; ``coming`` says of a model
    whether its files are on their way here.
    """
    seals = SealBook(store.seals, log)
    await seals.load()
    sealing = Sealing(seals, clock.now_ms, settings.rehash_days)
    files = ModelFiles(models_dir=settings.places.models_dir, bundled=bundled, sealing=sealing)
    queue = DispatchQueue(_queue_limits(settings), clock=clock, choose=Router().choose)
    xids, alarms = XidEvents(clock=clock, log=log), Alarms(log)
    hardware = hardware_service(
        settings, store.released_gpus, lambda: Whereabouts(lambda: models.present), xids
    )
    book = FidelityBook(store.fidelity)
    await book.load()
    models = model_service(
        settings,
        catalog,
        files,
        store=store,
        book=book,
        machine=hardware,
        keeping=keeping,
        queue=queue,
        clock=clock,
        log=log,
        aliases=Aliases.read(settings.aliases, catalog),
        alarms=alarms,
        permits=permits,
        coming=coming,
        restricted=restricted,
        network=network,
    )
    return Machinery(queue, seals, files, xids, alarms, hardware, book, models)


def _queue_limits(settings: Settings) -> QueueLimits:
    return QueueLimits(
        waiting=settings.queue_limit,
        person_running=settings.person_running_limit,
        person_waiting=settings.person_waiting_limit,
        timeout_s=settings.queue_timeout_s,
        batch_timeout_s=settings.batch_timeout_s,
    )
