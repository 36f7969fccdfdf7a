"""The parts of a box that are started and stopped."""

from dataclasses import dataclass

from appliance.api.overnight import Overnight
from appliance.edge.listening import Listener
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.classes.book import ClassBook
from appliance.services.classes.gate import ClassGate
from appliance.services.generation.generator import Generator
from appliance.services.licenses.lapsing import Lapsing
from appliance.services.lifecycle import Lifecycle
from appliance.services.models.models import ModelService
from appliance.services.oversight.guard_look import GuardLook
from appliance.services.verifying.scrubbing import Scrubber
from appliance.services.verifying.seals import SealBook
from appliance.services.watching.watching import Watching
from appliance.store.store import Store
from appliance.wiring.checks import Checks
from appliance.wiring.downloads import Downloads
from appliance.wiring.duties import Owing
from appliance.wiring.federation import Federation
from appliance.wiring.lan import Lan
from appliance.wiring.offline import Offline
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.privacy import Privacy
from appliance.wiring.pulse import Pulsing
from appliance.wiring.restrictions import Restricting
from appliance.workers.xid_events import XidEvents


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a box that ``running`` starts and stops."""

    store: Store
    models: ModelService
    catalogs: CatalogService
    generator: Generator
    lifecycle: Lifecycle
    overnight: Overnight
    xids: XidEvents
    people: People
    oversight: Oversight
    guard: GuardLook
    restricting: Restricting
    checks: Checks
    privacy: Privacy
    owing: Owing
    downloads: Downloads
    federation: Federation
    offline: Offline
    lapsing: Lapsing
    seals: SealBook
    scrubber: Scrubber
    lan: Lan
    lessons: ClassBook
    class_gate: ClassGate
    pulsing: Pulsing
    public: Listener
    admin: Listener
    watching: Watching
