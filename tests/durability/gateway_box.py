"""The whole gateway with the fake engine as a box, and HTTP clients of it."""

import asyncio
import hashlib
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx

from appliance.client.admin import AdminClient
from tests.durability.history import Fate, Told
from tests.durability.kill_loop import Ask
from tests.system.box import RealBox

WEIGHTS = b"the fake engine never reads this"
RECIPE = f"""
id = "babbler"
revision = 1
title = "Babbler"
summary = "The fake engine."
license = "Apache-2.0"
tier = "open"
context_tokens = 512
max_sequences = 8
chat_template = "{{{{ messages[0].content }}}}"
[defaults]
max_tokens = 16
[[forms]]
name = "f16"
engine = "fake"
[[forms.files]]
name = "weights.gguf"
size_bytes = {len(WEIGHTS)}
sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
"""
RUN = """
import asyncio, functools, pathlib, sys
from appliance.config import from_process
from appliance.store.connection import connect_writer
from appliance.wiring import gateway
from appliance.wiring.running import run_gateway


def weakened(path):
    database = connect_writer(path)
    database.execute(f"PRAGMA synchronous = {sys.argv[2]}")
    return database


gateway.Store.open = functools.partial(gateway.Store.open, connect=weakened)
asyncio.run(run_gateway(from_process({}), recipes=pathlib.Path(sys.argv[1])))
"""
BUDGET_CREDITS = "1"


class GatewayBox:
    """``under`` is a command to run the gateway under, such as strace.

    ``synchronous`` weakens SQLite on purpose, to show that the tests notice.
    """

    def __init__(self, folder: Path, *, under: Sequence[str] = (), synchronous: str = "FULL") -> None:
        recipes = _write_recipe(folder / "recipes")
        self._box = RealBox(
            folder,
            program=(*under, sys.executable, "-c", RUN, str(recipes), synchronous),
            extra={"CARREL_RUN_DEMO": "false"},
        )
        self.carrel = self._box.carrel
        self.rows = self._box.rows
        self._pid_file = folder / "box" / "run" / "gateway.pid"
        self.database = folder / "box" / "data" / "carrel.db"
        self._key = ""
        self._numbers = itertools.count()

    async def start(self) -> None:
        await asyncio.to_thread(self._box.start)
        if not self._key:
            await asyncio.to_thread(self._set_up)

    async def kill(self) -> None:
        await asyncio.to_thread(self._kill)

    async def client(self) -> Ask:
        http = httpx.AsyncClient(
            base_url=self._box.url,
            headers={"authorization": f"Bearer {self._key}"},
            timeout=30,
            trust_env=False,
        )

        async def ask() -> Told:
            number = next(self._numbers)
            told = await (_ask_streaming if number % 2 else _ask_whole)(http, _body(number))
            if told.fate is Fate.UNKNOWN:
                await http.aclose()
            return told

        return ask

    def _kill(self) -> None:
        # The gateway itself and not what it runs under: a tracer ends by itself, its log written to the end.
        if self._box.process.poll() is None:
            os.kill(int(self._pid_file.read_text()), signal.SIGKILL)
            self._box.process.wait(60)

    def _set_up(self) -> None:
        with AdminClient(self._pid_file.with_name("admin.sock")) as admin:
            admin.run("model.run", {"model": "babbler"})
            admin.run("budget.set", {"credits": BUDGET_CREDITS})
            self._key = admin.run("key.new", {"name": "test"}).key


def _write_recipe(folder: Path) -> Path:
    (folder / "babbler").mkdir(parents=True)
    (folder / "babbler" / "weights.gguf").write_bytes(WEIGHTS)
    (folder / "babbler.toml").write_text(RECIPE)
    return folder


def _body(number: int) -> dict[str, object]:
    return {
        "model": "babbler",
        "messages": [{"role": "user", "content": "x" * (1 + number % 40)}],
        "max_tokens": 1 + number % 24,
    }


async def _ask_whole(http: httpx.AsyncClient, body: dict[str, object]) -> Told:
    try:
        answer = await http.post("/chat/completions", json=body)
    except httpx.TransportError:
        return Told(None, Fate.UNKNOWN)
    request_id = answer.headers["x-request-id"]
    return (
        _acknowledged(request_id, answer.json()["usage"])
        if answer.is_success
        else Told(request_id, Fate.REFUSED)
    )


async def _ask_streaming(http: httpx.AsyncClient, body: dict[str, object]) -> Told:
    streamed = body | {"stream": True, "stream_options": {"include_usage": True}}
    request_id, usage = None, None
    try:
        async with http.stream("POST", "/chat/completions", json=streamed) as answer:
            request_id = answer.headers["x-request-id"]
            if not answer.is_success:
                return Told(request_id, Fate.REFUSED)
            async for data in _data(answer):
                if data == "[DONE]":
                    return _acknowledged(request_id, usage)
                usage = json.loads(data).get("usage") or usage
    except httpx.TransportError:
        pass
    return Told(request_id, Fate.UNKNOWN)


async def _data(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


def _acknowledged(request_id: str, usage: dict[str, int]) -> Told:
    return Told(request_id, Fate.ACKNOWLEDGED, usage["prompt_tokens"], usage["completion_tokens"])
