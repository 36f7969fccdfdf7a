"""ASGI apps of a few lines, and what a listener over them needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from litestar.types import ASGIApp, Receive, Scope, Send

from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.connections import ConnectionLimits
from appliance.edge.listening import Listener
from appliance.edge.sockets import Bind, TcpBind


class FakeClock:
    def now_ms(self) -> int:
        return 1_700_000_000_000

    def monotonic_s(self) -> float:
        return 0.0


@dataclass
class RecordingLog:
    lines: list[str] = field(default_factory=list)

    def _note(self, event: str, /, **fields: object) -> None:
        self.lines.append(f"{event} {fields}")

    info = warning = error = _note


async def reply(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def says_ok(scope: Scope, receive: Receive, send: Send) -> None:
    await reply(send, b"ok")


async def says_state(scope: Scope, receive: Receive, send: Send) -> None:
    await reply(send, str(scope["state"].get("peer_uid")).encode())


def measures_body(limits: BodyLimits) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(scope, receive, limits)
        await reply(send, str(len(body)).encode())

    return app


def raises(error: Exception) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    return app


class Waits:
    """Says when a request is in it, and answers when told to."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.may_go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entered.set()
        await self.may_go.wait()
        await reply(send, b"ok")


@asynccontextmanager
async def listening(
    app: ASGIApp,
    *,
    bind: Bind | None = None,
    log: RecordingLog | None = None,
    limits: ConnectionLimits | None = None,
    host_names: tuple[str, ...] = (),
) -> AsyncIterator[Listener]:
    listener = Listener(
        app,
        bind=bind or TcpBind("127.0.0.1", 0),
        clock=FakeClock(),
        log=log or RecordingLog(),
        limits=limits,
        host_names=host_names,
    )
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop(grace_s=0.1)


async def whole_answer(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes."""
    answer = b""
    async with asyncio.timeout(10):
        with suppress(ConnectionError):
            while part := await reader.read(2**20):
                answer += part
    return answer


async def write_for_ever(writer: asyncio.StreamWriter, part: bytes) -> None:
    """Until the other side is gone."""
    while True:
        writer.write(part)
        await writer.drain()
