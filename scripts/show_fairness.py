"""Shows what one person with 200 requests in a loop does to a polite class: with and without it, in turns.

    python scripts/show_fairness.py MODEL.gguf [--polite 29] [--abuse 200] [--rounds 5] [--json FILE]

A polite person has one request at a time and pauses between two. The other one starts its next request as
soon as one has ended, and again after a pause when it is refused. Every person has a key of its own. Each
round measures both cases, so that a machine that changes its speed changes it for both.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from gguf_box import GgufBox

PAUSE_S = 0.5
ANSWER_TOKENS = 32
REFUSED_PAUSE_S = 0.2


@dataclass
class Tally:
    """What one round has seen."""

    ttft_ms: list[float] = field(default_factory=list)
    abuser_answers: int = 0
    abuser_refusals: int = 0


def body(draw: random.Random) -> dict:
    """A question that shares nothing with another."""
    question = " ".join(f"{draw.randrange(16**4):04x}" for _ in range(20))
    return {"model": "model", "prompt": question, "max_tokens": ANSWER_TOKENS, "stream": True}


async def ask(http: httpx.AsyncClient, key: str, draw: random.Random) -> float | None:
    """Milliseconds to the first text; None when refused."""
    sent, ttft_ms = time.perf_counter(), None
    headers = {"authorization": f"Bearer {key}"}
    async with http.stream("POST", "completions", json=body(draw), headers=headers) as answer:
        if answer.status_code == 429:
            return None
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if ttft_ms is None and line.startswith("data: {"):
                ttft_ms = (time.perf_counter() - sent) * 1000
    return ttft_ms


async def polite(http: httpx.AsyncClient, key: str, draw: random.Random, tally: Tally) -> None:
    while True:
        await asyncio.sleep(draw.expovariate(1 / PAUSE_S))
        taken = await ask(http, key, draw)
        if taken is not None:
            tally.ttft_ms.append(taken)


async def abuse(http: httpx.AsyncClient, key: str, draw: random.Random, tally: Tally) -> None:
    while True:
        if await ask(http, key, draw) is None:
            tally.abuser_refusals += 1
            await asyncio.sleep(REFUSED_PAUSE_S)
        else:
            tally.abuser_answers += 1


async def measure(url: str, keys: list[str], abusers: int, seconds: float, seed: int) -> Tally:
    """Everybody for ``seconds``; the first quarter is not counted."""
    tally = Tally()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url + "/", timeout=120, limits=limits, trust_env=False) as http:
        loops = [
            *(polite(http, key, random.Random(seed + n), tally) for n, key in enumerate(keys[1:])),
            *(abuse(http, keys[0], random.Random(seed + 1000 + n), tally) for n in range(abusers)),
        ]
        tasks = [asyncio.create_task(loop) for loop in loops]
        await asyncio.sleep(seconds / 4)
        tally.ttft_ms.clear()
        await asyncio.sleep(seconds * 3 / 4)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, Exception) and not isinstance(one, asyncio.CancelledError):
            raise one
    await asyncio.sleep(1)
    return tally


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def compare(box: GgufBox, args: argparse.Namespace) -> dict:
    keys = [box.new_key(f"person {number}") for number in range(args.polite + 1)]
    alone, beside, ratios = [], [], []
    for number in range(args.rounds):
        quiet = await measure(box.url, keys, 0, args.seconds, number)
        loud = await measure(box.url, keys, args.abuse, args.seconds, number)
        alone.append(p95(quiet.ttft_ms))
        beside.append(p95(loud.ttft_ms))
        ratios.append(beside[-1] / alone[-1])
        print(
            f"round {number}: p95 TTFT {alone[-1]:.0f} ms alone ({len(quiet.ttft_ms)} answers), "
            f"{beside[-1]:.0f} ms beside ({len(loud.ttft_ms)}); the abuser: {loud.abuser_answers} answers, "
            f"{loud.abuser_refusals} refusals",
            flush=True,
        )
    return {
        "polite": args.polite,
        "abusing_requests": args.abuse,
        "rounds": args.rounds,
        "p95_ttft_ms": {
            "alone": round(statistics.median(alone), 1),
            "beside": round(statistics.median(beside), 1),
        },
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(one, 2) for one in ratios],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--polite", type=int, default=29)
    parser.add_argument("--abuse", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=16)
    parser.add_argument("--sequences", type=int, default=32)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        GgufBox(args.model, Path(folder), context_tokens=512, sequences=args.sequences) as box,
    ):
        found = asyncio.run(compare(box, args))
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
