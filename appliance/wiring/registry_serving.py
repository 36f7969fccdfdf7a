"""The process that answers boxes: listens until it is told to stop, and keeps the catalog fresh meanwhile."""

import asyncio
import os
import signal
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from litestar import Litestar

from appliance.domain.log import Log
from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.errors import CarrelError, ConfigInvalid
from appliance.registry.operating.owner_statements import issue_due
from appliance.registry.operating.tidying import tidy
from appliance.registry.setting_up.settings import RegistryToml, why_not_serve
from appliance.registry.web.app import registry_app
from appliance.registry.web.hands import Hands
from appliance.registry.web.page.reading import PageReader
from appliance.registry.web.page.routes import Recent, page_routes
from appliance.wiring.background import in_background
from appliance.wiring.journal import set_up
from appliance.wiring.registry import OpenRegistry, now, opened_registry

GRACE_S: Final = 10.0
TEND_S: Final = 3600.0
_INTERRUPTED: Final = 130


async def serve_registry(at: Path) -> None:
    """Run until SIGTERM or SIGINT; a second signal ends the process at once. Raises what keeps it from
    starting.
    """
    with opened_registry(at) as registry:
        reason = why_not_serve(registry.settings)
        if reason:
            raise ConfigInvalid(f"registry.toml: {reason}.")
        log = set_up(registry.folder.log_file, "info", to_terminal=True)
        hands = Hands()
        listener = _listener(registry, _app(registry, hands, log), log)
        stopping = _stopping()
        async with AsyncExitStack() as parts:
            parts.callback(hands.close)
            await parts.enter_async_context(in_background(_tend(registry, log), log))
            await listener.start()
            parts.push_async_callback(listener.stop, GRACE_S)
            log.info("registry started", name=registry.settings.name, port=listener.port, pid=os.getpid())
            await stopping.wait()
            log.info("registry stopping")
        log.info("registry stopped")


def _app(registry: OpenRegistry, hands: Hands, log: Log) -> Litestar:
    settings = registry.settings
    reader = PageReader(registry.database, registry.catalog, settings.name, now)
    page = page_routes(Recent(reader.read, registry.clock), hands, settings.page, settings.page_token)
    return registry_app(
        name=settings.name,
        address=settings.address,
        desk=registry.desk,
        catalog=registry.folder.tuf,
        hands=hands,
        log=log,
        page=page,
        knows_addresses=not settings.behind_proxy,
    )


def _listener(registry: OpenRegistry, app: Litestar, log: Log) -> Listener:
    settings = registry.settings
    return Listener(
        app,
        bind=TcpBind(settings.host, settings.port),
        clock=registry.clock,
        log=log,
        host_names=[urlsplit(settings.address).hostname or ""],
        tls=tls_of(settings),
    )


def tls_of(settings: RegistryToml) -> ssl.SSLContext | None:
    """None where something else speaks TLS, or nobody. Raises ``ConfigInvalid``."""
    if not settings.secure:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigInvalid(
            f"registry.toml: `tls_cert` and `tls_key` cannot be used ({error.strerror or 'they do not fit'})."
        ) from error
    return context


async def _tend(registry: OpenRegistry, log: Log) -> None:
    """Every hour; what fails is told and tried again."""
    while True:
        try:
            if await asyncio.to_thread(registry.catalog.renew_if_due):
                log.info("catalog signed anew")
            await asyncio.to_thread(tidy, registry.office)
            if told := await asyncio.to_thread(issue_due, registry.office):
                log.info("statements for owners", organizations=len(told))
        except CarrelError as error:
            log.warning("registry_tending_failed", code=error.code, says=error.message)
        await asyncio.sleep(TEND_S)


def _stopping() -> asyncio.Event:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        stopping.set()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, os._exit, _INTERRUPTED)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop)
    return stopping
