"""Run as a program: a store behind a Unix socket, the smallest thing that acknowledges requests.

``ledger_program.py DATABASE SOCKET [SYNCHRONOUS]``. One JSON line a request, ``{"id", "prompt",
"completion"}``; one JSON line an answer, sent when the ledger has committed: ``{"id", "prompt",
"completion", "gflop"}`` or ``{"id", "error"}``. ``SYNCHRONOUS`` weakens SQLite on purpose, to show that the
tests notice.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import CarrelError
from appliance.store.connection import connect_writer
from appliance.store.store import Store
from appliance.wiring.system_clock import SystemClock

CALLER = Caller("key_1", "default", "default")
CHECKPOINT_PAGES = 60
"""Small, so that a short run checkpoints many times."""


@dataclass(frozen=True)
class Mark:
    request_id: str
    prompt_tokens: int
    completion_tokens: int


def weakened(synchronous, path):
    database = connect_writer(path)
    database.execute(f"PRAGMA synchronous = {synchronous}")
    database.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}").fetchall()
    return database


async def serve(database, socket, synchronous):
    store = Store.open(database, SystemClock(), connect=partial(weakened, synchronous))
    await store.ledger.sweep()
    if not await store.keys.all():
        await store.keys.add(ApiKey("key_1", "k", "abcd", "default", "default", 0, None, None), bytes(32))
        await store.budgets.set_limit("default", 10**12)
    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(partial(converse, store), socket)
    print("ready", os.getpid(), flush=True)
    await server.serve_forever()


async def converse(store, reader, writer):
    while line := await reader.readline():
        writer.write(json.dumps(await account(store, json.loads(line))).encode() + b"\n")
        await writer.drain()
    writer.close()


async def account(store, request):
    prompt, completion = request["prompt"], request["completion"]
    used = prompt + completion
    try:
        await store.ledger.reserve(hold(request["id"], prompt, gflop=used + 50))
        await store.ledger.mark([Mark(request["id"], prompt, completion // 2)])
        await store.ledger.settle(request["id"], Outcome.COMPLETED, Meters(prompt, 0, completion, 1, 1, used))
    except CarrelError as error:
        return {"id": request["id"], "error": error.code}
    return {"id": request["id"], "prompt": prompt, "completion": completion, "gflop": used}


def hold(request_id, prompt, gflop):
    return Hold(
        request_id=request_id,
        caller=CALLER,
        model=ModelIdentity("handbook-tiny", 1, "ab" * 32, "fake-1"),
        prompt_tokens=prompt,
        max_completion_tokens=100,
        gflop=gflop,
        gflop_of_prompt=prompt,
        gflop_per_token=1,
        started_ms=SystemClock().now_ms(),
    )


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "FULL"))
