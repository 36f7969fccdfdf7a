"""Joins what the catalog is made of, for the gateway and for commands that need none."""

from pathlib import Path

from appliance.catalog.entries import NoCatalogs, SignedCatalogs
from appliance.catalog.lab import LabRecipes
from appliance.catalog.license_texts import LicenseTexts
from appliance.catalog.live import LiveCatalog
from appliance.catalog.places import recipes_folder
from appliance.catalog.signed.catalogs import CatalogFolders, TrustedCatalogs
from appliance.config import Places, Settings
from appliance.domain.clock import Clock
from appliance.outbound.client import Outbound
from appliance.outbound.switch import Switch
from appliance.trust.box_key import BoxKey
from appliance.wiring.system_clock import SystemClock


def live_catalog(
    places: Places,
    bundled: Path,
    signed: SignedCatalogs = NoCatalogs(),  # noqa: B008 - has no state
) -> LiveCatalog:
    """Of this box. Raises ``ConfigInvalid`` for a bad recipe that came with Carrel."""
    lab = lab_recipes(places)
    return LiveCatalog(bundled, upstreams=places.upstreams_dir, lab=lab, signed=signed)


def catalog_of(settings: Settings) -> LiveCatalog:
    """As the gateway would read it now, for commands that need none. Raises ``ConfigInvalid``."""
    bundled = recipes_folder()
    # What was fetched is read; nobody is asked.
    signed = signed_catalogs(settings, bundled, Switch(setting=True), SystemClock())
    return live_catalog(settings.places, bundled, signed)


def license_texts(places: Places, bundled: Path) -> LicenseTexts:
    """Of the release, of the lab, and of signed catalogs."""
    return LicenseTexts.of(bundled, places.licenses_dir, catalog_folders(places, bundled).texts)


def signed_catalogs(settings: Settings, bundled: Path, switch: Switch, clock: Clock) -> TrustedCatalogs:
    """Those that this box trusts, fetched through the one client that leaves it."""
    outbound = Outbound(switch=switch, proxy=settings.proxy, ca_file=settings.ca_file)
    return TrustedCatalogs(catalog_folders(settings.places, bundled), outbound=outbound, clock=clock)


def catalog_folders(places: Places, bundled: Path) -> CatalogFolders:
    """Where they lie. The root of Carrel's own catalog, if the release has one, lies beside its recipes."""
    return CatalogFolders(places.catalogs_dir, places.catalog_cache_dir, bundled / "root.json")


def lab_recipes(places: Places) -> LabRecipes:
    """The lab's own."""
    return LabRecipes(places.lab_recipes_dir, lambda: BoxKey.at(places.box_key))
