"""Builds every part of the gateway from ``Settings`` and joins them; nothing listens and no model runs
yet.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from litestar.types import ASGIApp

from appliance import __version__
from appliance.api.admin import admin_app
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app
from appliance.catalog.places import recipes_folder
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.bodies import BodyLimits
from appliance.edge.connections import ConnectionLimits
from appliance.edge.cors import Cors
from appliance.edge.listening import Listener
from appliance.edge.metering import Metered
from appliance.edge.sockets import Bind, TcpBind, UnixBind
from appliance.services.admission.admission import Admission
from appliance.services.admission.licensing import LicenseGate
from appliance.services.batches.pacing import PacedLedger
from appliance.services.binding import bind
from appliance.services.budgets import BudgetService
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.generation.generator import Generator
from appliance.services.generation.tokenizing import Tokenizer
from appliance.services.generation.turns import Turns
from appliance.services.keys import KeyService
from appliance.services.lifecycle import Identity, Lifecycle
from appliance.services.metrics.counting import Counting
from appliance.services.metrics.metered_ledger import MeteredLedger
from appliance.services.models.aliases import Aliases
from appliance.services.models.models import ModelService
from appliance.services.models.whereabouts import Whereabouts
from appliance.services.projects import ProjectService
from appliance.services.queue import DispatchQueue, QueueLimits
from appliance.services.recipes import RecipeService
from appliance.services.routing import Router
from appliance.services.usage import UsageService
from appliance.services.verifying.book import FidelityBook
from appliance.services.verifying.scrubbing import Scrubber
from appliance.services.verifying.seals import SealBook
from appliance.services.verifying.tasks import Tasks
from appliance.store.store import Store
from appliance.upstreams.alarms import Alarms
from appliance.weights.seals import Sealing
from appliance.wiring.bundles import bundle_service
from appliance.wiring.catalog import license_texts, live_catalog, signed_catalogs
from appliance.wiring.downloads import Downloads, downloads
from appliance.wiring.hardware import fitting_service, hardware_service
from appliance.wiring.licenses import licenses, licensing
from appliance.wiring.manners import allowance_of, manners
from appliance.wiring.model_files import ModelFiles
from appliance.wiring.models import model_service
from appliance.wiring.overnight import overnight
from appliance.wiring.processes import Keeping
from appliance.wiring.verifying import verifying_service
from appliance.workers.xid_events import XidEvents


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a box that ``running`` starts and stops."""

    store: Store
    keys: KeyService
    projects: ProjectService
    models: ModelService
    catalogs: CatalogService
    generator: Generator
    lifecycle: Lifecycle
    overnight: Overnight
    xids: XidEvents
    downloads: Downloads
    seals: SealBook
    scrubber: Scrubber
    public: Listener
    admin: Listener


async def build(
    settings: Settings,
    *,
    clock: Clock,
    log: Log,
    recipes: Path | None = None,
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
) -> Gateway:
    """Open the store and join the parts. ``recipes`` is another folder than the one Carrel came with.

    Raises ``Conflict`` (another gateway has the data), ``IntegrityFailed``, ``StorageUnavailable``,
    ``ConfigInvalid``.
    """
    bundled = recipes or recipes_folder()
    signed = signed_catalogs(settings, bundled, clock)
    catalog = await asyncio.to_thread(live_catalog, settings.places, bundled, signed)
    catalogs = CatalogService(signed, catalog, log)
    aliases = Aliases.read(settings.aliases, catalog)
    store = await asyncio.to_thread(Store.open, settings.places.database, clock)
    known = await licensing(settings, store, clock)
    queue = DispatchQueue(_queue_limits(settings), clock=clock, choose=Router().choose)
    seals = SealBook(store.seals, log)
    await seals.load()
    sealing = Sealing(seals, clock.now_ms, settings.rehash_days)
    files = ModelFiles(models_dir=settings.places.models_dir, bundled=bundled, sealing=sealing)
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
        aliases=aliases,
        alarms=alarms,
        permits=known.permits,
        coming=lambda model: coming.service.line(model),  # noqa: PLW0108 - `coming` is made below
    )
    recipes_here = RecipeService(catalog, models, log)
    recipes_here.tell_left_out()
    projects = ProjectService(store.projects, clock)
    counting, allowance = Counting(), allowance_of(settings, clock)
    turns = Turns()
    admission = Admission(models.permitting, [LicenseGate(known.permits)], clock)
    generator = Generator(
        models=models,
        admission=admission,
        ledger=PacedLedger(MeteredLedger(store.ledger, counting, clock)),
        projects=projects,
        queue=queue,
        clock=clock,
        turns=turns,
        allowance=allowance,
        meter=counting,
    )
    lawful = licenses(
        known,
        catalog=catalog,
        texts=license_texts(settings.places, bundled),
        store=store,
        generator=generator,
        models=models,
        clock=clock,
    )
    coming = downloads(
        settings,
        catalog=catalog,
        files=files,
        store=store,
        models=models,
        permits=known.permits,
        licenses=lawful.operators,
        seals=seals,
        clock=clock,
        log=log,
    )
    keys = KeyService(store.keys, store.projects, clock)
    keys.on_revoked(generator.end_runs_of_key)
    lifecycle = Lifecycle(
        identity=Identity(__version__, settings.api_url, os.getpid()),
        models=models,
        generator=generator,
        queue=queue,
        storage_trouble=store.trouble,
        clock=clock,
        tasks=lambda: tasks.lines,
        downloads=lambda: coming.service.unfinished,
        alarms=signed.alarms,
    )
    tasks = Tasks()
    verifying = await verifying_service(
        catalog, files, models=models, queue=queue, book=book, clock=clock, tasks=tasks
    )
    operations = bind(
        keys.handlers(),
        models.handlers(),
        recipes_here.handlers(),
        catalogs.handlers(),
        coming.service.handlers(),
        coming.removal.handlers(),
        verifying.handlers(),
        hardware.handlers(),
        fitting_service(settings, catalog, files, hardware, store.measurements).handlers(),
        lifecycle.handlers(),
        projects.handlers(),
        lawful.operators.handlers(),
        lawful.access.handlers(),
        bundle_service(
            settings,
            bundled,
            catalog=catalog,
            catalogs=catalogs,
            files=files,
            permits=known.permits,
            licenses=lawful.operators,
            clock=clock,
            tasks=tasks,
        ).handlers(),
        BudgetService(store.budgets).handlers(),
        UsageService(store.usage, clock).handlers(),
    )
    limits = ApiLimits(body=BodyLimits(settings.body_limit_bytes, settings.body_timeout_s))
    nights = overnight(
        settings, store=store, generator=generator, keys=keys, limits=limits, clock=clock, log=log
    )
    public = public_app(
        authenticator=keys,
        generations=generator,
        tokenizing=Tokenizer(models=models, admission=admission, queue=queue, turns=turns),
        directory=models,
        readiness=lifecycle,
        log=log,
        manners=manners(
            settings,
            store=store,
            keys=keys,
            projects=projects,
            models=models,
            queue=queue,
            generator=generator,
            allowance=allowance,
            counting=counting,
            alarms=alarms,
            connections=lambda: listener.connections,
            licenses=lawful.own,
            clock=clock,
        ),
        overnight=nights,
        limits=limits,
    )
    listener = _listener(
        Metered(Cors(public, settings.cors_origins), counting),
        TcpBind(settings.host, settings.port),
        settings,
        clock,
        log,
    )
    admin = admin_app(operations, own_uid=os.getuid(), log=log)
    return Gateway(
        store=store,
        keys=keys,
        projects=projects,
        models=models,
        catalogs=catalogs,
        generator=generator,
        lifecycle=lifecycle,
        overnight=nights,
        xids=xids,
        downloads=coming,
        seals=seals,
        scrubber=Scrubber(catalog=catalog, files=files, clock=clock),
        public=listener,
        admin=_listener(admin, UnixBind(settings.places.admin_socket), settings, clock, log),
    )


def _queue_limits(settings: Settings) -> QueueLimits:
    return QueueLimits(
        waiting=settings.queue_limit,
        person_running=settings.person_running_limit,
        person_waiting=settings.person_waiting_limit,
        timeout_s=settings.queue_timeout_s,
        batch_timeout_s=settings.batch_timeout_s,
    )


def _listener(app: ASGIApp, bind: Bind, settings: Settings, clock: Clock, log: Log) -> Listener:
    return Listener(
        app,
        bind=bind,
        clock=clock,
        log=log,
        host_names=settings.allowed_hosts,
        limits=ConnectionLimits(header_s=settings.header_timeout_s, write_s=settings.write_timeout_s),
    )
