"""The sockets that the gateway listens on."""

from collections.abc import Callable, Collection
from ssl import SSLContext

from litestar.types import ASGIApp

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.connections import ConnectionLimits
from appliance.edge.cors import Cors
from appliance.edge.listening import Listener
from appliance.edge.metering import Metered
from appliance.edge.sockets import Bind, TcpBind, UnixBind
from appliance.services.metrics.counting import Counting


def outermost(app: ASGIApp, counting: Counting, settings: Settings) -> ASGIApp:
    """What every socket of TCP serves. ``counting`` hears of every answer."""
    return Metered(Cors(app, settings.cors_origins), counting)


def public_listener(app: ASGIApp, settings: Settings, clock: Clock, log: Log) -> Listener:
    """TCP, for whoever has a key."""
    return _listener(app, TcpBind(settings.host, settings.port), settings, clock, log)


def listener_at(
    app: ASGIApp,
    bind: TcpBind,
    settings: Settings,
    *,
    names_now: Callable[[], Collection[str]],
    clock: Clock,
    log: Log,
    tls: SSLContext | None = None,
) -> Listener:
    """TCP on the local network; ``names_now`` are those that the box has there."""
    return _listener(app, bind, settings, clock, log, names_now=names_now, tls=tls)


def admin_listener(app: ASGIApp, settings: Settings, clock: Clock, log: Log) -> Listener:
    """The Unix socket, for operators."""
    return _listener(app, UnixBind(settings.places.admin_socket), settings, clock, log)


def _listener(
    app: ASGIApp,
    bind: Bind,
    settings: Settings,
    clock: Clock,
    log: Log,
    *,
    names_now: Callable[[], Collection[str]] = tuple,
    tls: SSLContext | None = None,
) -> Listener:
    return Listener(
        app,
        bind=bind,
        clock=clock,
        log=log,
        host_names=settings.allowed_hosts,
        names_now=names_now,
        limits=ConnectionLimits(header_s=settings.header_timeout_s, write_s=settings.write_timeout_s),
        tls=tls,
    )
