"""Sends mutated bodies to every endpoint of a real box, with a healthy client beside it.

    python scripts/fuzz_bodies.py --bodies 50000 --out scripts/results/fuzz_bodies.json

Nothing may be answered with a 5xx but a deliberate 501 or 503, the processes must be the same afterwards,
and the healthy client's 99th percentile must stay under twice what it is without the noise. Quiet and noisy
spells alternate, so that both see the same machine.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from model_box import ModelBox

DEMO = Path(__file__).resolve().parents[1] / "recipes" / "handbook-tiny" / "handbook-tiny-q8_0.gguf"
ASK = [{"role": "user", "content": "How do I make a key?"}]
TOOL = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
SEEDS: dict[str, list[dict]] = {
    "/v1/chat/completions": [
        {
            "model": "model",
            "messages": ASK,
            "max_tokens": 2,
            "temperature": 0.5,
            "stop": ["x"],
            "seed": 7,
            "n": 2,
        },
        {
            "model": "model",
            "messages": ASK,
            "max_tokens": 2,
            "logprobs": True,
            "top_logprobs": 2,
            "stream": True,
        },
        {
            "model": "model",
            "messages": ASK,
            "max_tokens": 2,
            "tool_choice": "auto",
            "tools": [{"type": "function", "function": {"name": "f", "parameters": TOOL}}],
        },
        {
            "model": "model",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
            "max_tokens": 2,
            "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": TOOL}},
        },
    ],
    "/v1/completions": [
        {"model": "model", "prompt": "What is", "max_tokens": 2, "echo": True, "logprobs": 1},
        {"model": "model", "prompt": [[1, 2, 3], [4]], "max_tokens": 1, "logit_bias": {"5": -100}},
    ],
    "/v1/embeddings": [
        {"model": "vectors", "input": ["a", "b"], "encoding_format": "base64", "dimensions": 8}
    ],
    "/v1/responses": [
        {"model": "model", "input": "Hello", "max_output_tokens": 2, "instructions": "Be brief."}
    ],
    "/v1/messages": [
        {"model": "model", "messages": ASK, "max_tokens": 2, "system": [{"type": "text", "text": "a"}]}
    ],
    "/v1/messages/count_tokens": [{"model": "model", "messages": ASK}],
    "/v1/score": [{"model": "model", "items": [{"context": "a", "continuations": [" b", " c"]}]}],
    "/v1/moderations": [{"input": "text"}],
    "/tokenize": [{"model": "model", "prompt": "text"}],
    "/detokenize": [{"model": "model", "tokens": [1, 2, 3]}],
    "/v1/batches": [
        {"input_file_id": "file-x", "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    ],
}
DELIBERATE = frozenset({501, 503})
SPLICES = (
    b"\x00",
    b"\xff\xfe",
    b"\\ud800",
    b"\\u0000",
    b"NaN",
    b"1e999",
    b"-1",
    b"9" * 400,
    b"[" * 200,
    b'{"a":' * 80,
    b"null",
    b"true",
    b'""',
    b"[]",
    b"{}",
    b"1.5",
    b'"grammar":"root ::= x",',
    b'"api_base":"http://x",',
    "é😀".encode(),
    b"'; --",
    b'{"enum":[]}',
    b'{"type":"string","pattern":"^[z-a]$"}',
    b'{"const":"\\u0000"}',
    b"18446744073709551616",
)


def mutated(body: bytes, dice: random.Random) -> bytes:
    """The body with one to four small wounds."""
    wounded = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(wounded) + 1)
        match dice.randrange(6):
            case 0 if wounded:
                wounded[at % len(wounded)] ^= 1 << dice.randrange(8)
            case 1:
                wounded[at:at] = bytes([dice.randrange(256)])
            case 2:
                del wounded[at : at + dice.randint(1, 12)]
            case 3:
                wounded[at:at] = wounded[at : at + dice.randint(1, 40)]
            case 4:
                wounded[at : at + dice.randint(0, 6)] = dice.choice(SPLICES)
            case _:
                value = json.dumps(
                    dice.choice([None, -1, 0, 2**63, 1e300, "", "a" * 300, [], {}, True])
                ).encode()
                colon = wounded.find(b":", at)
                wounded[colon + 1 : colon + 1 + dice.randint(1, 8)] = value
    return bytes(wounded)


class Healthy:
    """One client that asks for a short answer again and again, in a process of its own; seconds by spell."""

    def __init__(self, box: ModelBox, key: str) -> None:
        processes = multiprocessing.get_context("spawn")
        self._spell = processes.Value("i", BETWEEN)
        self._told, tells = processes.Pipe(duplex=False)
        arguments = (f"{box.url}/chat/completions", key, self._spell, tells)
        self._process = processes.Process(target=_ask_again_and_again, args=arguments)

    def start(self) -> None:
        """Ask until ``stop``."""
        self._process.start()

    def spell(self, number: int) -> None:
        """What begins now belongs to this spell."""
        self._spell.value = number

    def stop(self) -> dict[str, list[float]]:
        """What it saw. Anything but a 200 is the end of the experiment."""
        self.spell(OVER)
        seconds = self._told.recv()
        self._process.join()
        return seconds


BETWEEN, QUIET, NOISY, OVER = range(4)
SPELLS = {"quiet": QUIET, "noisy": NOISY}


def _ask_again_and_again(url: str, key: str, spell: Any, tells: Any) -> None:
    seconds: dict[int, list[float]] = {number: [] for number in range(4)}
    body = {"model": "model", "messages": ASK, "max_tokens": 8, "temperature": 0}
    with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        while spell.value != OVER:
            started, began_in = time.perf_counter(), spell.value
            client.post(url, json=body).raise_for_status()
            if spell.value == began_in:
                seconds[began_in].append(time.perf_counter() - started)
            time.sleep(0.005)
    tells.send({name: seconds[number] for name, number in SPELLS.items()})


class Noise:
    """Sends mutated bodies, so many at a time, while ``on`` is set."""

    def __init__(self, box: ModelBox, key: str, *, at_once: int, seed: int) -> None:
        self._base = f"http://127.0.0.1:{box.port}"
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._at_once = at_once
        self._dice = random.Random(seed)
        self.on = asyncio.Event()
        self.sent = 0
        self.statuses: dict[str, Counter[int]] = {path: Counter() for path in SEEDS}
        self.wrong: list[dict] = []

    async def run(self) -> None:
        """Until cancelled."""
        async with (
            asyncio.TaskGroup() as group,
            httpx.AsyncClient(headers=self._headers, timeout=60) as client,
        ):
            await asyncio.gather(*(group.create_task(self._send(client)) for _ in range(self._at_once)))

    async def _send(self, client: httpx.AsyncClient) -> None:
        while True:
            await self.on.wait()
            path = self._dice.choice(list(SEEDS))
            body = mutated(json.dumps(self._dice.choice(SEEDS[path])).encode(), self._dice)
            answer = await client.post(self._base + path, content=body)
            self.sent += 1
            self.statuses[path][answer.status_code] += 1
            if answer.status_code >= 500 and answer.status_code not in DELIBERATE:
                self.wrong.append({"path": path, "status": answer.status_code, "body": repr(body)[:2000]})


def percentile(values: list[float], part: float) -> float:
    """Nearest rank."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def pids(box: ModelBox) -> dict[str, list[int]]:
    """Of the workers."""
    shown = {name: box.carrel("model", "show", name) for name in ("model", "vectors")}
    return {name: [one["pid"] for one in model["replicas"]] for name, model in shown.items()}


async def _spells(healthy: Healthy, noise: Noise, bodies: int, spell_s: float) -> None:
    while noise.sent < bodies:
        for name, number in SPELLS.items():
            healthy.spell(BETWEEN)
            noise.on.set() if name == "noisy" else noise.on.clear()
            # What was under way when the spell changed belongs to neither.
            await asyncio.sleep(0.2)
            healthy.spell(number)
            await asyncio.sleep(spell_s)
        healthy.spell(BETWEEN)
        print(f"{noise.sent} of {bodies}", file=sys.stderr)


async def measure(box: ModelBox, bodies: int, at_once: int, spell_s: float, seed: int) -> dict:
    """One whole experiment."""
    healthy = Healthy(box, box.new_key("healthy"))
    noise = Noise(box, box.new_key("noise"), at_once=at_once, seed=seed)
    before = pids(box)
    healthy.start()
    sending = asyncio.create_task(noise.run())
    spells = asyncio.create_task(_spells(healthy, noise, bodies, spell_s))
    await asyncio.wait([sending, spells], return_when=asyncio.FIRST_COMPLETED)
    if sending.done():
        sending.result()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await spells
    seconds = await asyncio.to_thread(healthy.stop)
    p99 = {spell: percentile(values, 0.99) * 1000 for spell, values in seconds.items()}
    p50 = {spell: percentile(values, 0.5) * 1000 for spell, values in seconds.items()}
    return {
        "bodies": noise.sent,
        "at_once": at_once,
        "statuses": {path: dict(sorted(counts.items())) for path, counts in noise.statuses.items()},
        "wrong": noise.wrong,
        "same_processes": before == pids(box),
        "healthy": {
            "answers": {spell: len(values) for spell, values in seconds.items()},
            "p50_ms": p50,
            "p99_ms": p99,
            "p99_ratio": p99["noisy"] / p99["quiet"],
        },
    }


def main() -> int:
    """Run and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bodies", type=int, default=50_000)
    options.add_argument("--at-once", type=int, default=4)
    options.add_argument("--spell-s", type=float, default=10)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelBox(
            # One thread a worker: two models and a noisy client share this machine's few cores.
            DEMO,
            Path(folder),
            context_tokens=512,
            sequences=16,
            vectors=True,
            worker_threads=1,
        ) as box,
    ):
        result = asyncio.run(measure(box, asked.bodies, asked.at_once, asked.spell_s, asked.seed))
    text = json.dumps(result, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")
    return 1 if result["wrong"] or not result["same_processes"] else 0


if __name__ == "__main__":
    sys.exit(main())
