"""People who stream from one model of a real box, some of whom hang up; and what its ledger says of them."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx

from appliance.client.admin import AdminClient
from tests.system.box import RealBox

GIVEN_UP_S = 30.0


@dataclass
class Client:
    """What one client saw of its stream. ``left_ms`` is of the clock that the ledger has."""

    request_id: str = ""
    characters: int = 0
    told_tokens: int | None = None
    left_ms: float | None = None


class Crowd:
    """People with a key each, and the box they use."""

    def __init__(
        self, box: RealBox, keys: Sequence[str], http: httpx.AsyncClient, admin: AdminClient
    ) -> None:
        self._box = box
        self._keys = keys
        self._http = http
        self._admin = admin

    async def stream(self, number: int, client: Client, max_tokens: int, flowing: asyncio.Event) -> None:
        """One stream to its end; ``flowing`` at its first text."""
        body = {
            "model": "mortal",
            "messages": [{"role": "user", "content": f"Hi, {number}"}],
            "max_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        headers = {"authorization": f"Bearer {self._keys[number % len(self._keys)]}"}
        async with self._http.stream("POST", "chat/completions", json=body, headers=headers) as answer:
            client.request_id = answer.headers["x-request-id"]
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code}: {(await answer.aread()).decode()}")
            async for line in answer.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                chunk = json.loads(line.removeprefix("data: "))
                if "error" in chunk:
                    raise RuntimeError(line)
                if chunk.get("usage"):
                    client.told_tokens = chunk["usage"]["completion_tokens"]
                if chunk["choices"] and (text := chunk["choices"][0]["delta"].get("content")):
                    client.characters += len(text)
                    flowing.set()

    async def hang_up_after_first_text(self, number: int, client: Client) -> None:
        flowing = asyncio.Event()
        stream = asyncio.create_task(self.stream(number, client, 1000, flowing))
        first = asyncio.create_task(flowing.wait())
        await asyncio.wait({stream, first}, return_when=asyncio.FIRST_COMPLETED)
        await end(first)
        await hang_up(stream, client)

    async def until_running(self, count: int) -> float:
        """The monotonic moment at which no more than ``count`` requests run."""
        deadline = time.monotonic() + GIVEN_UP_S
        while await self.running() > count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{await self.running()} requests run, not {count}")
            await asyncio.sleep(0.01)
        return time.monotonic()

    async def running(self) -> int:
        shown = await asyncio.to_thread(self._admin.run, "model.show", {"model": "mortal"})
        return sum(replica.running for replica in shown.replicas)

    async def faults_in_ledger(self, clients: Sequence[Client]) -> Counter[str]:
        """Waits for rows that come late, then counts what is wrong."""
        deadline = time.monotonic() + 10
        while True:
            found = faults(await asyncio.to_thread(self._box.rows), clients)
            if not found or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.05)


async def end(task: asyncio.Task) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def hang_up(stream: asyncio.Task, client: Client) -> None:
    client.left_ms = time.time() * 1000
    await end(stream)


def faults(rows: Sequence[dict], clients: Sequence[Client]) -> Counter[str]:
    mine: dict[str, list[dict]] = {}
    for row in rows:
        mine.setdefault(row["request_id"], []).append(row)
    found: Counter[str] = Counter()
    for client in clients:
        own = mine.get(client.request_id, [])
        found["missing"] += not own
        found["twice"] += len(own) > 1
        for row in own:
            found["held"] += row["outcome"] == "held"
            found["fewer tokens than seen"] += row["completion_tokens"] < client.characters
            wrong = client.told_tokens not in {None, row["completion_tokens"]}
            found["other tokens than told"] += wrong
    return +found
