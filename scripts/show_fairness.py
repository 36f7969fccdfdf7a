"""Shows what one person with 200 requests in a loop does to a polite class: with and without it, in turns.

    python scripts/show_fairness.py MODEL.gguf [--polite 29] [--abuse 200] [--rounds 5] [--json FILE]

A polite person has one request at a time and pauses between two. The other one starts its next request as
soon as one has ended, and again after a pause when it is refused. Every person has a key of its own. Each
round measures both cases, so that a machine that changes its speed changes it for both.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from model_box import ModelBox

from appliance.bench.reading import read_answer
from appliance.bench.sending import Sender, sender_to

PAUSE_S = 0.5
ANSWER_TOKENS = 32
REFUSED_PAUSE_S = 0.2
TIMEOUT_S = 120.0
TOO_MANY = 429


@dataclass
class Tally:
    """What one round has seen."""

    ttft_ms: list[float] = field(default_factory=list)
    refusals: int = 0


def body(draw: random.Random) -> bytes:
    """A question that shares nothing with another."""
    question = " ".join(f"{draw.randrange(16**4):04x}" for _ in range(20))
    return msgspec.json.encode(
        {
            "model": "model",
            "messages": [{"role": "user", "content": question}],
            "max_tokens": ANSWER_TOKENS,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )


async def ask(sender: Sender, key: str, draw: random.Random, tally: Tally) -> bool:
    """False when refused."""
    received = await sender.send(body(draw), key)
    if received.status == TOO_MANY:
        tally.refusals += 1
        return False
    answer = read_answer(received)
    if answer.error:
        raise RuntimeError(answer.error)
    tally.ttft_ms.append(answer.ttft_ms)
    return True


async def polite(sender: Sender, key: str, draw: random.Random, tally: Tally) -> None:
    while True:
        await asyncio.sleep(draw.expovariate(1 / PAUSE_S))
        await ask(sender, key, draw, tally)


async def abuse(sender: Sender, key: str, draw: random.Random, tally: Tally) -> None:
    while True:
        if not await ask(sender, key, draw, tally):
            await asyncio.sleep(REFUSED_PAUSE_S)


async def drive(loops: list, seconds: float, tally: Tally) -> None:
    """All loops for ``seconds``; the first quarter is not counted."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    await asyncio.sleep(seconds / 4)
    tally.ttft_ms.clear()
    tally.refusals = 0
    await asyncio.sleep(seconds * 3 / 4)
    for task in tasks:
        task.cancel()
    for one in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(one, Exception) and not isinstance(one, asyncio.CancelledError):
            raise one


def be_the_abuser(url: str, key: str, count: int, seconds: float) -> None:
    """A process of its own: who measures the others must not wait for this one's answers."""
    tally, sender = Tally(), sender_to(url, TIMEOUT_S)
    loops = [abuse(sender, key, random.Random(1000 + number), tally) for number in range(count)]
    asyncio.run(drive(loops, seconds, tally))
    print(json.dumps({"answers": len(tally.ttft_ms), "refusals": tally.refusals}))


@contextmanager
def abuser(url: str, key: str, args: argparse.Namespace):
    words = ["--be-the-abuser", url, key, str(args.abuse), str(args.seconds + 2)]
    with subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True) as process:
        yield process


def measure(url: str, keys: list[str], seconds: float, seed: int) -> Tally:
    tally, sender = Tally(), sender_to(url, TIMEOUT_S)
    loops = [polite(sender, key, random.Random(seed + n), tally) for n, key in enumerate(keys)]
    asyncio.run(drive(loops, seconds, tally))
    return tally


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def compare(box: ModelBox, args: argparse.Namespace) -> dict:
    rude, *keys = [box.new_key(f"person {number}") for number in range(args.polite + 1)]
    alone, beside, ratios = [], [], []
    for number in range(args.rounds):
        quiet = measure(box.url, keys, args.seconds, number)
        with abuser(box.url, rude, args) as process:
            loud = measure(box.url, keys, args.seconds, number)
            theirs = json.loads(process.communicate()[0])
        alone.append(p95(quiet.ttft_ms))
        beside.append(p95(loud.ttft_ms))
        ratios.append(beside[-1] / alone[-1])
        print(
            f"round {number}: p95 TTFT {alone[-1]:.0f} ms alone ({len(quiet.ttft_ms)} answers), "
            f"{beside[-1]:.0f} ms beside ({len(loud.ttft_ms)}); the abuser: {theirs['answers']} answers, "
            f"{theirs['refusals']} refusals",
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
    if sys.argv[1:2] == ["--be-the-abuser"]:
        url, key, count, seconds = sys.argv[2:]
        be_the_abuser(url, key, int(count), float(seconds))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--polite", type=int, default=29)
    parser.add_argument("--abuse", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=16)
    parser.add_argument("--sequences", type=int, default=32)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 2))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelBox(
            args.model,
            Path(folder),
            context_tokens=512,
            sequences=args.sequences,
            worker_threads=args.threads,
        ) as box,
    ):
        found = compare(box, args)
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
