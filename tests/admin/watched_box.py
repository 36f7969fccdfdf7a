"""An admin app on a real Unix socket in the loop of the test, whose topics are asked again at once."""

import asyncio
import os
from pathlib import Path
from typing import Any, Self

from litestar import Litestar

from appliance.api.watching import watch_route
from appliance.edge.connections import ConnectionLimits
from appliance.edge.errors import exception_handler
from appliance.edge.listening import Listener
from appliance.edge.sockets import UnixBind
from appliance.policy.operators import operator_of
from appliance.services.binding import Operations, bind
from appliance.services.watching.watching import Watching
from appliance.wiring.system_clock import SystemClock
from tests.admin.fake_box import FakeHandlers, SilentLog

AGAIN_S = 0.005


async def soon(_: float) -> None:
    """Whoever waits for the next question waits hardly at all."""
    await asyncio.sleep(AGAIN_S)


class NoAudit:
    """Nothing that looks is written down."""

    def recording(self, *_: Any) -> Any:
        raise AssertionError("a row of the audit log")


class Listening(Watching):
    """Knows how many look on, and says when nobody does any more."""

    def __init__(self, operations: Operations, log: SilentLog) -> None:
        super().__init__(operations, log, sleep=soon)
        self.nobody = asyncio.Event()

    @property
    def count(self) -> int:
        return len(self._views)

    def _forget(self, view: Any) -> None:
        super()._forget(view)
        if not self._views:
            self.nobody.set()


class WatchedBox:
    """Serves between ``async with``; ``handlers.answers`` is what is looked on at."""

    def __init__(self, path: Path, *, ping_s: float = 10, limits: ConnectionLimits | None = None) -> None:
        self.path, self.handlers, self.log = path, FakeHandlers(), SilentLog()
        operations = bind(self.handlers.table(), audit=NoAudit())
        self.watching = Listening(operations, self.log)

        def operator(scope: Any) -> Any:
            return operator_of(scope["state"].get("peer_uid"), os.getuid())

        route = watch_route(self.watching, operator, ping_s=ping_s)
        app = Litestar(
            [route], exception_handlers={Exception: exception_handler(self.log)}, openapi_config=None
        )
        self.listener = Listener(app, bind=UnixBind(path), clock=SystemClock(), log=self.log, limits=limits)

    async def __aenter__(self) -> Self:
        await self.listener.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.watching.close()
        await self.listener.stop(1)
