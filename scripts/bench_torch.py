"""Compares our torch engine with what transformers itself offers, interleaved in one run on the same weights.

    python scripts/make_random_model.py llama-300m MODELS --safetensors
    python scripts/bench_torch.py --model MODELS/llama-300m --levels 1 8 32

Three ways, float32, with the same threads: our whole box over HTTP (keys, ledger, fair queue); `transformers
serve --continuous-batching` over HTTP; and plain `generate` in a process of its own on a static batch of the
same size, with prompts of one length, which no server with comings and goings can have. Each round drives
every level of each in turn, beginning with another one; ratios are of ours to the others within a round,
their medians come with 90 % bootstrap intervals. Closed loop, prompts of about 130 tokens, exactly 64 new
ones. Takes the machine for itself.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from bench_peers import machine
from peers.comparing import Plan, driver_of, run_level
from peers.servers import Peer, Sizes, ours, transformers_serve

from appliance.bench.chat import Sampling
from appliance.bench.statistics import bootstrap_interval

RESULTS = Path(__file__).parent / "results"
PROMPT_TOKENS = 130
SPARE_CONTEXT_TOKENS = 192
SAMPLING = Sampling(temperature=0.8, top_p=0.95)
"""All that `transformers serve` takes."""
OURS, STATIC = "carrel", "generate"

Rounds = dict[int, dict[str, list[float]]]
"""Level to way to tokens a second, one a round."""


@dataclass
class StaticBatch:
    """The process of ``peers/static_batch.py``."""

    process: subprocess.Popen

    def tokens_per_s(self, sequences: int, new_tokens: int) -> float:
        self.process.stdin.write(f"{sequences}\n")
        self.process.stdin.flush()
        return sequences * new_tokens / float(self.process.stdout.readline())


@contextmanager
def static_batch(model: Path, threads: int, new_tokens: int) -> Iterator[StaticBatch]:
    program = [sys.executable, str(Path(__file__).parent / "peers" / "static_batch.py"), str(model)]
    program += [str(number) for number in (threads, PROMPT_TOKENS, new_tokens)]
    process = subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("plain generate did not start")
        yield StaticBatch(process)
    finally:
        process.kill()
        process.wait()


async def drive(peers: list[Peer], static: StaticBatch, plan: Plan) -> Rounds:
    drivers = {peer.name: driver_of(peer, plan, SAMPLING) for peer in peers}
    for name, driver in drivers.items():
        if (error := await driver.warm_up(2)) is not None:
            raise RuntimeError(f"{name} does not answer: {error}")
    static.tokens_per_s(1, plan.max_tokens)
    rounds: Rounds = {level: {name: [] for name in (*drivers, STATIC)} for level in plan.levels}
    for number in range(plan.rounds):
        for level in plan.levels:
            for peer in _turned([*peers, None], number):
                if peer is None:
                    speed = static.tokens_per_s(level, plan.max_tokens)
                else:
                    speed = (await run_level(drivers[peer.name], peer, plan, level)).output_tokens_per_s
                name = STATIC if peer is None else peer.name
                rounds[level][name].append(speed)
                print(f"round {number + 1}, {level} streams, {name}: {speed:.1f} tokens/s", flush=True)
    return rounds


def _turned(ways: list, number: int) -> list:
    turn = number % len(ways)
    return ways[turn:] + ways[:turn]


def compared(rounds: Rounds) -> list[dict]:
    """A row a level and way; ratios are of ours to it."""
    rows = []
    for level, ways in rounds.items():
        for name, speeds in ways.items():
            ratios = [one / other for one, other in zip(ways[OURS], speeds, strict=True)]
            low, high = bootstrap_interval(ratios)
            rows.append(
                {
                    "streams": level,
                    "way": name,
                    "tokens_per_s": round(statistics.median(speeds), 1),
                    "ours_is_times": round(statistics.median(ratios), 2),
                    "ours_90": [round(low, 2), round(high, 2)],
                    "rounds": [round(speed, 1) for speed in speeds],
                }
            )
    return rows


def as_table(rows: list[dict]) -> str:
    head = f"{'streams':>7} {'way':<20} {'tokens/s':>9} {'ours is x':>10}   90 %"
    return "\n".join([head, *(_line(row) for row in rows)])


def _line(row: dict) -> str:
    low, high = row["ours_90"]
    return (
        f"{row['streams']:>7} {row['way']:<20} {row['tokens_per_s']:>9.1f} {row['ours_is_times']:>10.2f}"
        f"   {low:.2f} to {high:.2f}"
    )


def measure(asked: argparse.Namespace) -> dict:
    sizes = Sizes(
        model=asked.model.resolve(),
        sequences=max(asked.levels),
        context_tokens=asked.max_tokens + SPARE_CONTEXT_TOKENS,
        threads=asked.threads,
        people=max(asked.levels),
        shared_prefix=False,
    )
    plan = Plan(tuple(asked.levels), asked.rounds, asked.max_tokens, asked.per_stream, least=1)
    with ExitStack() as started, tempfile.TemporaryDirectory(prefix="carrel-torch-") as folder:
        peers = [started.enter_context(server(sizes, Path(folder))) for server in (ours, transformers_serve)]
        static = started.enter_context(static_batch(sizes.model, asked.threads, asked.max_tokens))
        rounds = asyncio.run(drive(peers, static, plan))
        started.close()
    rows = compared(rounds)
    print(as_table(rows))
    return {
        "model": asked.model.name,
        "machine": machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": asked.threads,
        "new_tokens": asked.max_tokens,
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="folder with safetensors")
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--per-stream", type=int, default=1, help="requests of each stream a round")
    parser.add_argument("--output", type=Path, help="JSON file; in scripts/results if left out")
    asked = parser.parse_args()
    output = asked.output or RESULTS / f"torch-{asked.model.name}.json"
    output.write_text(json.dumps(measure(asked), indent=1) + "\n", encoding="utf-8")
    print(output)


if __name__ == "__main__":
    main()
