"""A real admin app on a real Unix socket, over handlers that are generated from the table of actions."""

import asyncio
import inspect
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx
import msgspec
from litestar import Litestar

from appliance.api.admin import admin_app
from appliance.domain import results
from appliance.domain.action import Action, Place
from appliance.domain.actions import ACTIONS
from appliance.edge.listening import Listener
from appliance.edge.sockets import UnixBind
from appliance.services.binding import bind
from appliance.wiring.system_clock import SystemClock
from tests.no_certificates import NO_CERTIFICATES

NO_PROCESS = 2**22 + 1
"""Above the highest pid that Linux gives."""

GATEWAY_ACTIONS = tuple(one for one in ACTIONS if one.place is Place.GATEWAY)


PLAIN = {
    msgspec.inspect.IntType: lambda _text: 7,
    msgspec.inspect.FloatType: lambda _text: 7.5,
    msgspec.inspect.BoolType: lambda _text: True,
    msgspec.inspect.StrType: lambda text: text,
}


def sample(shape: Any, text: str = "text") -> Any:
    """A value of any type that a result has, with ``text`` in every text of it."""
    kind = shape if isinstance(shape, msgspec.inspect.Type) else msgspec.inspect.type_info(shape)
    match kind:
        case msgspec.inspect.Metadata():
            return sample(kind.type, text)
        case msgspec.inspect.StructType():
            return kind.cls(**{field.name: sample(field.type, text) for field in kind.fields})
        case msgspec.inspect.UnionType():
            return sample(kind.types[0], text)
        case msgspec.inspect.VarTupleType():
            return (sample(kind.item_type, text), sample(kind.item_type, text))
        case _:
            return PLAIN[type(kind)](text)


def status(**changed: Any) -> results.Status:
    queue = results.QueueStatus(waiting=0, running=0, limit=256)
    whole = msgspec.structs.replace(sample(results.Status), state="ready", pid=NO_PROCESS, queue=queue)
    return msgspec.structs.replace(whole, **changed)


class SilentLog:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, dict[str, object]]] = []

    def info(self, event: str, /, **fields: object) -> None:
        self.records.append(("info", event, fields))

    def warning(self, event: str, /, **fields: object) -> None:
        self.records.append(("warning", event, fields))

    def error(self, event: str, /, **fields: object) -> None:
        self.records.append(("error", event, fields))


class FakeHandlers:
    """One handler an action: notes the call and answers ``answers[name]`` or a sample; raises what is one."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As new."""
        self.calls: list[tuple[str, dict[str, object]]] = []
        self.answers: dict[str, Any] = {"status": status()}
        self.notice: Callable[[str], None] = lambda name: None

    def table(self) -> Mapping[str, Any]:
        return {action.name: self.handler(action) for action in GATEWAY_ACTIONS}

    def handler(self, action: Action) -> Any:
        async def handle(**arguments: object) -> msgspec.Struct:
            self.calls.append((action.name, arguments))
            answer = self.answers.get(action.name) or sample(action.result)
            self.notice(action.name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        parameters = [inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY) for one in action.arguments]
        handle.__signature__ = inspect.Signature(parameters, return_annotation=action.result)
        return handle


class FakeBox:
    """Serves in a thread, so that the synchronous client and the commands can be used as they are."""

    _unused: ClassVar[list[tuple[FakeHandlers, SilentLog, Litestar]]] = []
    """Apps of boxes that are gone: making one takes longer than most tests that need it."""

    def __init__(self, socket_path: Path) -> None:
        self.path = socket_path
        self._changed = False
        self.handlers, self.log, self._app = self._unused.pop() if self._unused else _new_app()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def serve(self, table: Mapping[str, Any]) -> None:
        """These handlers in place of its own, from its start on."""
        self._changed = True
        self._app = admin_app(bind(table), own_uid=os.getuid(), log=self.log)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._listener = Listener(self._app, bind=UnixBind(self.path), clock=SystemClock(), log=self.log)
        self._thread.start()
        self._run(self._listener.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._let_go())
        self._run(self._listener.stop(1))
        self._run(self._let_go())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if not self._changed:
            self.handlers.forget()
            self.log.records.clear()
            self._unused.append((self.handlers, self.log, self._app))

    async def _let_go(self) -> None:
        """Let connections that were just being accepted see that their client has gone."""
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
        for _ in range(10):
            await asyncio.sleep(0)

    def stop_soon(self) -> None:
        """Stop listening, as a gateway does once it has answered ``down``."""
        asyncio.run_coroutine_threadsafe(self._listener.stop(1), self._loop)

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


def _new_app() -> tuple[FakeHandlers, SilentLog, Litestar]:
    handlers, log = FakeHandlers(), SilentLog()
    return handlers, log, admin_app(bind(handlers.table()), own_uid=os.getuid(), log=log)


def raw_client(box: FakeBox) -> httpx.Client:
    """A client of its socket that knows nothing of actions."""
    transport = httpx.HTTPTransport(uds=str(box.path), verify=NO_CERTIFICATES)
    return httpx.Client(transport=transport, base_url="http://carrel")
