"""What stands of the gateway when the parts of the federation are joined to it."""

from dataclasses import dataclass

from appliance.catalog.live import LiveCatalog
from appliance.catalog.signed.catalogs import TrustedCatalogs
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.verifying.tasks import Tasks
from appliance.store.store import Store
from appliance.wiring.audit import Auditing
from appliance.wiring.checks import Checks
from appliance.wiring.computing import Computing
from appliance.wiring.downloads import Downloads
from appliance.wiring.duties import Owing
from appliance.wiring.licenses import Licenses, Licensing
from appliance.wiring.machinery import Machinery
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that a part of the federation may need of the rest of the box."""

    store: Store
    catalog: LiveCatalog
    signed: TrustedCatalogs
    catalogs: CatalogService
    people: People
    licensing: Licensing
    licenses: Licenses
    machine: Machinery
    work: Computing
    seen: Oversight
    owing: Owing
    restricting: Restricting
    downloads: Downloads
    checked: Checks
    audit: Auditing
    tasks: Tasks
