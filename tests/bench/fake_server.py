"""A server that streams chat completions over raw sockets, as slowly as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def event(document: object) -> bytes:
    return b"data: " + (document if isinstance(document, bytes) else json.dumps(document).encode()) + b"\n\n"


def text(content: str) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": content}}], "object": "chat.completion.chunk"}


def usage(prompt: int, completion: int) -> dict:
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}


def framed(*events: bytes) -> bytes:
    """Chunked coding, without its end."""
    return b"".join(f"{len(one):x}\r\n".encode() + one + b"\r\n" for one in events)


def answer(tokens: int) -> bytes:
    """A whole answer to a request that asks for so many tokens."""
    role = event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    events = [role, *(event(text(f"w{number} ")) for number in range(tokens))]
    return HEAD + framed(*events, event(usage(7, tokens)), event(b"[DONE]")) + b"0\r\n\r\n"


@dataclass
class FakeServer:
    """``reply`` makes the bytes of an answer from the request's body; None leaves it open for ever."""

    reply: Callable[[dict], bytes | None] = lambda body: answer(body["max_tokens"])
    requests: list[tuple[dict, dict]] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    port: int = 0
    gate: int = 0
    """With a gate of N no answer goes out before N requests are there."""
    _tasks: list[asyncio.Task] = field(default_factory=list)
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeServer"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
            }
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.requests.append(({":path": first.split(" ")[1], **headers}, body))
            await self._answer(writer, body)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, body: dict) -> None:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        if self.together >= self.gate:
            self._open.set()
        await self._open.wait()
        data = self.reply(body)
        if data is None:
            await asyncio.Event().wait()
        self.together -= 1
        writer.write(data)
        await writer.drain()
