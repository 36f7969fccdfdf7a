"""Compares our box with llama.cpp's C++ server and others, interleaved in one run on the same model file.

    python scripts/make_random_model.py llama-15m MODELS --types q8_0
    python scripts/bench_peers.py --model MODELS/llama-15m-q8_0.gguf --levels 8 32
    python scripts/bench_peers.py --model MODELS/llama-15m-q8_0.gguf --levels 200 --shared-prefix

All servers are up together with the same threads, sequences and context; each round drives every level of
each in turn, beginning with another one. Ratios are within a round, so that a machine that changes its speed
changes it for all; their medians over rounds come with 90 % bootstrap intervals. Closed loop, prompts of
about 130 tokens of which about 98 are a common system prompt, exactly 64 new tokens. Ours has keys, ledger
and fair queue on; with --shared-prefix its project is opted in to share prefixes between people. Servers
have as many sequences as the highest level: run high levels by themselves. The model must never end its
answers (scripts/make_random_model.py). Takes the machine for itself: numbers beside other work mean nothing.
"""

import argparse
import asyncio
import json
import os
import platform
import tempfile
from contextlib import ExitStack
from pathlib import Path

import llama_cpp
import msgspec
from peers.comparing import Plan, as_documents, as_table, compare, drive
from peers.servers import PEERS, Sizes

RESULTS = Path(__file__).parent / "results"
SPARE_CONTEXT_TOKENS = 192
"""For the prompt, beside the new tokens."""


def measure(asked: argparse.Namespace) -> dict:
    sizes = Sizes(
        model=asked.model.resolve(),
        sequences=max(asked.levels),
        context_tokens=asked.max_tokens + SPARE_CONTEXT_TOKENS,
        threads=asked.threads,
        people=asked.people,
        shared_prefix=asked.shared_prefix,
    )
    plan = Plan(tuple(asked.levels), asked.rounds, asked.max_tokens, asked.per_stream)
    with ExitStack() as started, tempfile.TemporaryDirectory(prefix="carrel-peers-") as folder:
        peers = [started.enter_context(PEERS[name](sizes, Path(folder))) for name in asked.peers]
        rounds = asyncio.run(drive(peers, plan))
        started.close()
    rows = compare(rounds)
    print(as_table(rows))
    return {
        "model": asked.model.name,
        "machine": machine(),
        "llama_cpp_python": llama_cpp.__version__,
        "sizes": {
            "sequences": sizes.sequences,
            "context_tokens": sizes.context_tokens,
            "threads": sizes.threads,
            "people": sizes.people,
            "prefixes_shared_between_people": sizes.shared_prefix,
            "new_tokens": plan.max_tokens,
            "requests_per_stream": plan.per_stream,
            "rounds": plan.rounds,
        },
        "rows": as_documents(rows),
        "rounds": {level: msgspec.to_builtins(servers) for level, servers in rounds.items()},
    }


def machine() -> dict:
    """What the numbers were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=["carrel", "llama-server"])
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--people", type=int, default=30, help="keys of our box that take turns")
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--per-stream", type=int, default=2, help="requests of each stream a round")
    parser.add_argument("--shared-prefix", action="store_true")
    parser.add_argument("--output", type=Path, help="JSON file; in scripts/results if left out")
    asked = parser.parse_args()
    name = f"peers-{asked.model.stem}-{'-'.join(str(level) for level in asked.levels)}"
    output = asked.output or RESULTS / f"{name}{'-shared' if asked.shared_prefix else ''}.json"
    output.write_text(json.dumps(measure(asked), indent=1) + "\n", encoding="utf-8")
    print(output)


if __name__ == "__main__":
    main()
