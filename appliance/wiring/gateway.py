"""Builds every part of the gateway from ``Settings`` and joins them; nothing listens and no model runs
yet.
"""

import asyncio
import os
from pathlib import Path

from appliance import __version__
from appliance.catalog.places import recipes_folder
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.classes.book import ClassBook
from appliance.services.finding.refusals import Refusals
from appliance.services.lifecycle import Identity, Lifecycle
from appliance.services.recipes import RecipeService
from appliance.services.verifying.scrubbing import Scrubber
from appliance.services.verifying.tasks import Tasks
from appliance.store.store import Store
from appliance.wiring.audit import auditing
from appliance.wiring.building import Built
from appliance.wiring.catalog import license_texts, live_catalog, signed_catalogs
from appliance.wiring.checks import checks
from appliance.wiring.class_requests import class_requests
from appliance.wiring.computing import computing
from appliance.wiring.downloads import downloads
from appliance.wiring.duties import owing
from appliance.wiring.federation import federation
from appliance.wiring.gateway_parts import Gateway
from appliance.wiring.grounds import ground
from appliance.wiring.inbox import inboxes
from appliance.wiring.lan import Lan
from appliance.wiring.ledger import budgeting
from appliance.wiring.lessons import lessons
from appliance.wiring.licenses import licenses, licensing
from appliance.wiring.machinery import machinery
from appliance.wiring.network import network
from appliance.wiring.offline import offline
from appliance.wiring.operations import operations
from appliance.wiring.overnight import operating
from appliance.wiring.oversight import oversight
from appliance.wiring.people import people
from appliance.wiring.privacy import privacy
from appliance.wiring.processes import Keeping
from appliance.wiring.pulse import pulsing
from appliance.wiring.restrictions import restrictions
from appliance.wiring.serving import serving
from appliance.wiring.sharing import pass_maker
from appliance.wiring.spot_checks import spot_checks
from appliance.wiring.verifying import verifying_service


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
    store = await asyncio.to_thread(Store.open, settings.places.database, clock)
    book = ClassBook(clock)
    await book.load(store.classes)
    outside = await network(settings, store, book, clock, log)
    grounds = await ground(settings, store, outside.switch, clock)
    signed = signed_catalogs(settings, bundled, outside.switch, grounds.clock)
    catalog = await asyncio.to_thread(live_catalog, settings.places, bundled, signed)
    catalogs = CatalogService(signed, catalog, log)
    there = await people(store, clock)
    known = await licensing(settings, store, there, grounds, clock)
    owed = await owing(store, catalog, there.directory, known.access.agreements, clock)
    audit = await auditing(settings, store, clock, log)
    seen = await oversight(settings, store, there, audit.log, clock=clock, log=log)
    machine = await machinery(
        settings,
        catalog,
        bundled,
        store=store,
        permits=known.permits,
        coming=lambda model: coming.service.line(model),  # noqa: PLW0108 - `coming` is made below
        restricted=lambda model: restricting.book.said_of(model),  # noqa: PLW0108 - made below too
        network=outside,
        keeping=keeping,
        clock=clock,
        log=log,
    )
    queue, files, models = machine.queue, machine.files, machine.models
    recipes_here = RecipeService(catalog, models, log)
    recipes_here.tell_left_out()
    asking = class_requests(book, models, clock)
    restricting = await restrictions(
        settings, catalog, store, there, names=models.permitting, lessons=asking.gate, clock=clock, log=log
    )
    spot = await spot_checks(settings, store, there, seen, clock=clock, log=log)
    work = computing(
        settings,
        machine,
        store=store,
        people=there,
        seen=seen,
        sampler=spot.sampler,
        licensing=known,
        owing=owed,
        restricting=restricting,
        lessons=asking,
        clock=clock,
    )
    lawful = licenses(
        known,
        catalog=catalog,
        texts=license_texts(settings.places, bundled),
        store=store,
        people=there,
        runs=work.generator.runs,
        machine=machine,
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
        seals=machine.seals,
        passes=pass_maker(grounds, known, store),
        switch=outside.switch,
        clock=clock,
        log=log,
    )
    on_lan = Lan(settings, lambda: served.app, clock=clock, log=log)
    lifecycle = Lifecycle(
        identity=Identity(__version__, settings.api_url, os.getpid()),
        models=models,
        runs=work.generator.runs,
        queue=queue,
        storage_trouble=store.trouble,
        clock=clock,
        tasks=lambda: tasks.lines,
        downloads=lambda: coming.service.unfinished,
        alarms=lambda: alarms(),  # noqa: PLW0108 - made below
        federation=lambda: federated.line(),  # noqa: PLW0108 - made below
        doors=on_lan.lines,
        network=lambda: (outside.switch.offline, silence.service.line()),
    )
    checked = checks(
        settings,
        spot,
        store=store,
        catalog=catalog,
        there=there,
        seen=seen,
        licensing=known,
        audit=audit,
        admission=work.admission,
        machine=machine,
        alarms=signed.alarms,
        switch=outside.switch,
        clock=clock,
        log=log,
    )
    refusals = Refusals(clock)
    private = privacy(
        settings,
        checked,
        catalog,
        people=there,
        licensing=known,
        seen=seen,
        restricting=restricting,
        network=outside,
        lessons=book,
        forget_refusals=refusals.forget,
        sweep_files=lambda: served.overnight.files.sweep(),  # noqa: PLW0108 - made below
    )
    tasks = Tasks()
    verifying = await verifying_service(
        catalog, files, models=models, queue=queue, book=machine.fidelity, clock=clock, tasks=tasks
    )
    budgets = budgeting(store, there, models, clock, owed.allocating)
    built = Built(
        store,
        catalog,
        signed,
        catalogs,
        people=there,
        licensing=known,
        licenses=lawful,
        machine=machine,
        work=work,
        seen=seen,
        owing=owed,
        restricting=restricting,
        downloads=coming,
        checked=checked,
        audit=audit,
        tasks=tasks,
    )
    federated = await federation(grounds, settings, built, clock=clock, log=log)
    silence = offline(settings, outside.switch, built, federated, clock=clock, log=log)

    def alarms() -> tuple[str, ...]:
        return (*signed.alarms(), *federated.alarms(), *on_lan.doors.troubles)

    teaching = await lessons(
        settings,
        built,
        asking,
        budgets=budgets,
        door=on_lan.doors,
        switch=outside.switch,
        clock=clock,
        log=log,
    )
    waiting = inboxes(settings, built, alarms=alarms, refusals=refusals, clock=clock)
    pulse = pulsing(settings, built, clock)
    nights = operating(settings, store, lambda: served.overnight.batches)
    acting = operations(
        settings,
        bundled,
        built,
        recipes_here,
        verifying,
        lifecycle,
        budgets,
        private,
        federated,
        silence.service,
        teaching.classes,
        pulse.service,
        nights,
        waiting,
        clock=clock,
    )
    served = serving(
        settings,
        machine,
        work,
        store=store,
        people=there,
        seen=seen,
        restricting=restricting,
        licenses=lawful,
        checks=checked,
        privacy=private,
        budgets=budgets,
        operations=acting,
        readiness=lifecycle,
        weights=federated.weights,
        switch=outside.switch,
        signing=teaching.signing,
        lessons=asking,
        licensing=known,
        joining=teaching.classes.joining,
        lan=on_lan,
        refusals=refusals,
        clock=clock,
        log=log,
    )
    return Gateway(
        store=store,
        models=models,
        catalogs=catalogs,
        generator=work.generator,
        lifecycle=lifecycle,
        overnight=served.overnight,
        oversight=seen,
        guard=work.guard,
        restricting=restricting,
        checks=checked,
        privacy=private,
        owing=owed,
        xids=machine.xids,
        people=there,
        downloads=coming,
        federation=federated,
        offline=silence,
        lapsing=lawful.lapsing,
        seals=machine.seals,
        scrubber=Scrubber(catalog=catalog, files=files, clock=clock),
        lan=on_lan,
        lessons=book,
        class_gate=asking.gate,
        pulsing=pulse,
        public=served.public,
        admin=served.admin,
        watching=served.watching,
    )
