"""Starts the gateway's parts in order, waits until told to stop, and stops them in the opposite order."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from appliance.config import Settings, prepare_places
from appliance.services.catalogs.keeping import keep_fresh
from appliance.services.duties.keeping import keep_looking
from appliance.services.generation.progress import mark_progress
from appliance.services.people.standing import enforce
from appliance.wiring.background import in_background
from appliance.wiring.checks import checking
from appliance.wiring.downloads import downloading
from appliance.wiring.gateway import build
from appliance.wiring.gateway_parts import Gateway
from appliance.wiring.journal import set_up
from appliance.wiring.overnight import working
from appliance.wiring.oversight import looking
from appliance.wiring.processes import Keeping
from appliance.wiring.pulse import beating
from appliance.wiring.system_clock import SystemClock

DEMO_MODEL: Final = "handbook-tiny"
INTERRUPTED: Final = 130


async def run_gateway(
    settings: Settings,
    recipes: Path | None = None,
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
) -> None:
    """Run until SIGTERM, SIGINT or ``carrel down``. A second signal ends the process at once.

    Raises what keeps the gateway from starting: ``Conflict``, ``ConfigInvalid``, ``IntegrityFailed``,
    ``StorageUnavailable``.
    """
    prepare_places(settings.places)
    log = set_up(settings.places.log_file, settings.log_level, to_terminal=settings.log_to_terminal)
    gateway = await build(settings, clock=SystemClock(), log=log, recipes=recipes, keeping=keeping)
    _stop_on_signals(gateway)
    async with AsyncExitStack() as parts:
        parts.push_async_callback(asyncio.to_thread, gateway.store.close)
        parts.push_async_callback(asyncio.to_thread, gateway.xids.stop)
        gateway.xids.start()
        swept = await gateway.store.ledger.sweep()
        await gateway.restricting.start(gateway.store)
        await gateway.owing.start(gateway.store)
        await parts.enter_async_context(checking(gateway.checks))
        # Before anybody is heard: what a crash has left of files is removed now.
        await parts.enter_async_context(working(gateway.overnight, gateway.store, log))
        await parts.enter_async_context(downloading(gateway.downloads.service, log))
        await parts.enter_async_context(_listening(gateway, settings))
        await parts.enter_async_context(gateway.lan.open(gateway.lessons.all))
        switch = gateway.offline.switch
        await parts.enter_async_context(in_background(switch.watch(), log))
        await parts.enter_async_context(in_background(gateway.offline.following.run(), log))
        keeping_fresh = keep_fresh(
            gateway.catalogs, every_h=settings.catalog_refresh_hours, switch=switch, log=log
        )
        await parts.enter_async_context(in_background(keeping_fresh, log))
        # Stopped in the opposite order: what the scrubber finds out is still written.
        parts.push_async_callback(gateway.seals.flush)
        await parts.enter_async_context(in_background(gateway.seals.write(), log))
        await parts.enter_async_context(in_background(gateway.scrubber.run(), log))
        parts.push_async_callback(gateway.restricting.decisions.flush)
        await parts.enter_async_context(in_background(gateway.restricting.decisions.write(), log))
        parts.push_async_callback(gateway.oversight.book.flush)
        await parts.enter_async_context(in_background(looking(gateway.oversight, gateway.guard), log))
        for gate in (gateway.people.standing, gateway.class_gate):
            await parts.enter_async_context(in_background(enforce(gate, gateway.generator.runs), log))
        await parts.enter_async_context(in_background(gateway.lapsing.run(), log))
        looking_at_duties = keep_looking(gateway.owing.duties, sleep=asyncio.sleep, log=log)
        await parts.enter_async_context(in_background(looking_at_duties, log))
        await parts.enter_async_context(in_background(gateway.privacy.retention.run(asyncio.sleep), log))
        for work in gateway.federation.background:
            await parts.enter_async_context(in_background(work(), log))
        marking = mark_progress(gateway.generator.runs, gateway.store.ledger)
        await parts.enter_async_context(in_background(marking, log))
        await parts.enter_async_context(beating(gateway.pulsing, log))
        parts.push_async_callback(gateway.models.close)
        demo = (DEMO_MODEL,) if settings.run_demo else ()
        await parts.enter_async_context(in_background(gateway.models.boot(demo), log))
        # Whoever watches sees the box drain; they end before its parts do.
        parts.callback(gateway.watching.close)
        log.info("gateway started", url=gateway.lifecycle.url, pid=os.getpid(), requests_swept=swept)
        await gateway.lifecycle.stop_requested()
        log.info("gateway stopping", drain_s=settings.drain_timeout_s)
        await gateway.overnight.batches.close()
        await asyncio.gather(
            gateway.public.stop(settings.drain_timeout_s),
            gateway.lan.stop(settings.drain_timeout_s),
            gateway.generator.close(settings.drain_timeout_s),
        )
    log.info("gateway stopped")


@asynccontextmanager
async def _listening(gateway: Gateway, settings: Settings) -> AsyncIterator[None]:
    pid_file = settings.places.pid_file
    try:
        await gateway.public.start()
        await gateway.admin.start()
        pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        await gateway.public.stop(0)
        # The answer to `carrel down` still has to go out.
        await gateway.admin.stop(1)


def _stop_on_signals(gateway: Gateway) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        gateway.lifecycle.request_stop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, os._exit, INTERRUPTED)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop)
