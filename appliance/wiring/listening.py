"""The two sockets that the gateway listens on."""

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


def public_listener(app: ASGIApp, counting: Counting, settings: Settings, clock: Clock, log: Log) -> Listener:
    """TCP, for whoever has a key. ``counting`` hears of every answer."""
    outermost = Metered(Cors(app, settings.cors_origins), counting)
    return _listener(outermost, TcpBind(settings.host, settings.port), settings, clock, log)


def admin_listener(app: ASGIApp, settings: Settings, clock: Clock, log: Log) -> Listener:
    """The Unix socket, for operators."""
    return _listener(app, UnixBind(settings.places.admin_socket), settings, clock, log)


def _listener(app: ASGIApp, bind: Bind, settings: Settings, clock: Clock, log: Log) -> Listener:
    return Listener(
        app,
        bind=bind,
        clock=clock,
        log=log,
        host_names=settings.allowed_hosts,
        limits=ConnectionLimits(header_s=settings.header_timeout_s, write_s=settings.write_timeout_s),
    )
