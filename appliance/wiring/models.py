"""Joins the models that run here with their files, their processes and the machine."""

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.hardware import HardwareService
from appliance.services.licenses.permits import Permits
from appliance.services.models.aliases import Aliases
from appliance.services.models.listing import Coming, Restricted
from appliance.services.models.models import ModelService
from appliance.services.models.networking import Networking
from appliance.services.models.weighing import Scales
from appliance.services.queue import DispatchQueue
from appliance.services.verifying.book import FidelityBook
from appliance.store.store import Store
from appliance.upstreams.alarms import Alarms
from appliance.wiring.hardware import why_not
from appliance.wiring.model_files import ModelFiles
from appliance.wiring.network import Network
from appliance.wiring.processes import Keeping, Processes
from appliance.wiring.upstreams import elsewhere


def model_service(
    settings: Settings,
    catalog: LiveCatalog,
    files: ModelFiles,
    *,
    store: Store,
    book: FidelityBook,
    machine: HardwareService,
    keeping: Keeping,
    queue: DispatchQueue,
    clock: Clock,
    log: Log,
    aliases: Aliases,
    alarms: Alarms,
    permits: Permits,
    coming: Coming,
    restricted: Restricted,
    network: Network,
) -> ModelService:
    """Nothing runs yet. ``coming`` says of a model whether its files are on their way here."""
    processes = Processes(
        clock=clock,
        log=log,
        environment=settings.child_environment,
        prepare_timeout_s=settings.prepare_timeout_s,
        on_change=lambda: models.changed(),  # noqa: PLW0108 - `models` is made below
        worker_memory_mib=settings.worker_memory_mib,
        keeping=keeping.with_user(settings.worker_user),
    )
    outside = elsewhere(settings, processes, alarms=alarms, network=network, clock=clock)
    models = ModelService(
        catalog=catalog,
        weights=files,
        wanted=store.wanted_models,
        factory=processes,
        machine=machine,
        queue=queue,
        clock=clock,
        threads=settings.worker_threads,
        gpu_layers=settings.gpu_layers,
        aliases=aliases,
        measured=book,
        scales=Scales(store.measurements, machine, clock, log),
        permits=permits,
        coming=coming,
        restricted=restricted,
        trouble_of=files.trouble_of,
        why_not=lambda engine: outside.why_not(engine) or why_not(engine),
        elsewhere=outside,
        networking=Networking(settings.networked_workers, network.switch, settings.ray_address),
    )
    return models
