"""Joins what ``bundle create`` and ``bundle install`` need."""

from dataclasses import dataclass
from pathlib import Path

from appliance import __version__
from appliance.catalog.approving import Approver
from appliance.catalog.live import LiveCatalog
from appliance.config import Settings, surroundings
from appliance.domain.bundle import BundleOrder
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe
from appliance.errors import NotFound
from appliance.services.bundles.creating import Creating
from appliance.services.bundles.installing import Installing
from appliance.services.bundles.ports import Tell
from appliance.services.bundles.service import BundleService, Tasks
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.licenses.licenses import LicenseService
from appliance.services.licenses.permits import Permits
from appliance.trust.box_key import BoxKey
from appliance.weights.blobs import BlobStore
from appliance.weights.bundling.making import Maker
from appliance.weights.bundling.program import ProgramFiller, installer_folder
from appliance.weights.bundling.reading import OpenBundle
from appliance.weights.inspecting.process import InspectProcess
from appliance.wiring.catalog import catalog_folders, lab_recipes, license_texts
from appliance.wiring.model_files import ModelFiles


def bundle_service(
    settings: Settings,
    bundled: Path,
    *,
    catalog: LiveCatalog,
    catalogs: CatalogService,
    files: ModelFiles,
    permits: Permits,
    licenses: LicenseService,
    clock: Clock,
    tasks: Tasks,
) -> BundleService:
    """Making bundles and taking models from them."""
    texts = license_texts(settings.places, bundled)
    store = BlobStore(settings.places.models_dir)
    signed = _Catalogs(settings, bundled, catalogs)
    approver = Approver(catalog, lab_recipes(settings.places), texts, settings.places.licenses_dir)

    def maker(order: BundleOrder, tell: Tell) -> Maker:
        return Maker(order, BoxKey.at(settings.places.box_key), tell)

    return BundleService(
        Creating(
            catalog=catalog,
            files=files,
            texts=texts,
            catalogs=signed,
            maker=maker,
            program=ProgramFiller(surroundings().environ, installer_folder()),
            clock=clock,
            version=__version__,
        ),
        Installing(
            open_bundle=lambda folder: OpenBundle.at(folder, store),
            catalog=catalog,
            catalogs=signed,
            approving=_Approving(approver, catalog, clock),
            permits=permits,
            accepting=_Accepting(licenses),
            inspector=InspectProcess(),
            blobs=store,
        ),
        tasks,
    )


@dataclass(frozen=True, slots=True)
class _Catalogs:
    settings: Settings
    bundled: Path
    service: CatalogService

    def mirror_of(self, name: str) -> tuple[tuple[str, bytes], ...]:
        """Blocking."""
        from appliance.catalog.signed.mirror import CatalogMirrors  # noqa: PLC0415 - loads python-tuf

        return CatalogMirrors(catalog_folders(self.settings.places, self.bundled)).mirror_of(name)

    async def bring(self, name: str, folder: Path) -> None:
        """A catalog that is not trusted, or was not refreshed, leaves all as it was."""
        try:
            await self.service.bring(name, folder)
        except NotFound:
            return


@dataclass(frozen=True, slots=True)
class _Approving:
    approver: Approver
    catalog: LiveCatalog
    clock: Clock

    def approve(self, toml: bytes, who: str, license_text: bytes) -> None:
        """Blocking."""
        self.approver.approve(toml, who, self.clock.now_ms(), license_text=license_text)
        self.catalog.reload()


@dataclass(frozen=True, slots=True)
class _Accepting:
    licenses: LicenseService

    async def accept(
        self, recipe: Recipe, *, text_sha256: str, who: str, authority: str, purpose: str
    ) -> None:
        """As ``license accept`` does."""
        await self.licenses.accept(
            model=recipe.id, text=text_sha256, who=who, authority=authority, purpose=purpose
        )
