"""One listening socket and the app behind it. Two of them in one process are the public and the admin side.

Built from uvicorn's protocol and not from its ``Server``: that one installs signal handlers, exits the
process when a port is taken, and looks only ten times a second whether it shall stop. Apps are run without
lifespan events.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from email.utils import formatdate
from ssl import SSLContext
from typing import Any

from litestar.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.connections import Census, Connection, ConnectionLimits
from appliance.edge.heads import HeadsAsGets
from appliance.edge.hosts import HostCheck, Hosts
from appliance.edge.last_resort import LastResort
from appliance.edge.request_ids import RequestIds
from appliance.edge.sockets import Bind, TcpBind, UnixBind, bound_socket

_LAST_WORDS_S = 5.0


class Listener:
    """Serves ``app`` on ``bind`` between ``start`` and ``stop``, with request ids and host check.

    ``host_names`` are accepted in ``Host`` besides the address itself, and so are ``names_now``, those of the
    moment; on a Unix socket the header is not looked at. With ``tls`` it speaks TLS.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        bind: Bind,
        clock: Clock,
        log: Log,
        host_names: Iterable[str] = (),
        names_now: Callable[[], Collection[str]] = tuple,
        limits: ConnectionLimits | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        if isinstance(bind, TcpBind):
            app = HostCheck(app, Hosts(bound_to=bind.host, names=host_names, names_now=names_now))
        self._app = RequestIds(LastResort(HeadsAsGets(app), log))
        self._bind = bind
        self._clock = clock
        self._limits = limits or ConnectionLimits()
        self._census = Census()
        self._tls = tls
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The TCP port that is bound; 0 on a Unix socket or before ``start``."""
        if self._server is None or isinstance(self._bind, UnixBind):
            return 0
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return self._census.total

    async def start(self) -> None:
        """Bind and accept connections. Raises ``Conflict`` when the place is taken, ``ConfigInvalid``."""
        bound = bound_socket(self._bind)
        config = _uvicorn_config(self._app)

        def connection() -> Connection:
            return Connection(config, self._state, self._limits, self._census)

        self._tick()
        self._server = await asyncio.get_running_loop().create_server(
            connection,
            sock=bound,
            backlog=1024,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else self._limits.header_s,
            ssl_shutdown_timeout=None if self._tls is None else self._limits.linger_s,
        )

    async def stop(self, grace_s: float) -> None:
        """Take no new connections, give running requests ``grace_s`` seconds, then cut them. Safe twice."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        await self._end_requests(grace_s)
        for connection in list(self._state.connections):
            connection.transport.abort()
        await self._server.wait_closed()
        if self._ticker is not None:
            self._ticker.cancel()
        if isinstance(self._bind, UnixBind):
            self._bind.path.unlink(missing_ok=True)
        self._server = None

    async def _end_requests(self, grace_s: float) -> None:
        running: set[asyncio.Task[Any]] = set(self._state.tasks)
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=grace_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_LAST_WORDS_S)

    def _tick(self) -> None:
        """Renew the ``Date`` header once a second."""
        date = formatdate(self._clock.now_ms() // 1000, usegmt=True)
        self._state.default_headers = [(b"date", date.encode())]
        self._ticker = asyncio.get_running_loop().call_later(1, self._tick)


def _uvicorn_config(app: ASGIApp) -> Config:
    config = Config(
        app,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
    )
    config.load()
    return config
