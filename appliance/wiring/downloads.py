"""Joins what brings models to this box, and takes them off it again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.outbound.switch import Switch
from appliance.services.downloads.downloads import DownloadService
from appliance.services.downloads.ports import AcceptedTerms, Passes, Seals
from appliance.services.downloads.removing import RemovalService
from appliance.services.downloads.tools import Tools, Way
from appliance.services.licenses.licenses import LicenseService
from appliance.services.licenses.permits import Permits
from appliance.services.models.models import ModelService
from appliance.store.store import Store
from appliance.weights.blobs import BlobStore
from appliance.weights.disk import ModelsDisk
from appliance.weights.fetching.process import FetchProcess
from appliance.weights.inspecting.process import InspectProcess
from appliance.wiring.model_files import ModelFiles

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Downloads:
    """The two services."""

    service: DownloadService
    removal: RemovalService


def downloads(
    settings: Settings,
    *,
    catalog: LiveCatalog,
    files: ModelFiles,
    store: Store,
    models: ModelService,
    permits: Permits,
    licenses: LicenseService,
    seals: Seals,
    passes: Passes,
    switch: Switch,
    clock: Clock,
    log: Log,
) -> Downloads:
    """Neither fetches anything yet."""
    folder = settings.places.models_dir
    blobs = BlobStore(folder)
    tools = Tools(
        catalog=catalog,
        permits=permits,
        fetcher=fetch_process(settings, switch),
        inspector=InspectProcess(),
        blobs=blobs,
        files=files,
        disk=ModelsDisk(folder),
        way=_way(settings),
        clock=clock,
        log=log,
        sleep=asyncio.sleep,
        switch=switch,
        passes=passes,
    )
    service = DownloadService(tools, store.downloads, _Recorded(licenses))
    removal = RemovalService(
        catalog=catalog, files=files, blobs=blobs, runners=_Running(models), seals=seals, downloads=service
    )
    return Downloads(service, removal)


@asynccontextmanager
async def downloading(service: DownloadService, log: Log) -> AsyncIterator[None]:
    """Scope in which downloads go on, those of the last process first."""
    left = await service.start()
    log.info("downloads go on", downloads=left)
    try:
        yield
    finally:
        await service.close()


def fetch_process(settings: Settings, switch: Switch) -> FetchProcess:
    """What starts the children that fetch."""
    return FetchProcess(settings.places.data_dir / "hub", switch)


def _way(settings: Settings) -> Way:
    return Way(
        models_dir=str(settings.places.models_dir),
        hub=settings.hub,
        token=settings.hub_token_file,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
        connections=settings.download_connections,
        rate_bytes_s=settings.download_mib_s * _MIB,
    )


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Acceptances by way of the service of licenses."""

    licenses: LicenseService

    async def accept(self, recipe: Recipe, terms: AcceptedTerms) -> None:
        """As ``license accept`` does it."""
        await self.licenses.accept(
            model=recipe.id,
            text=terms.text_sha256,
            who=terms.who,
            authority=terms.authority,
            purpose=terms.purpose,
        )


@dataclass(frozen=True, slots=True)
class _Running:
    """A live view of the models that have processes."""

    models: ModelService

    def running(self) -> Sequence[tuple[Recipe, RecipeForm]]:
        """Those that are about to have some too."""
        return [(one.recipe, one.form) for one in self.models.present]
