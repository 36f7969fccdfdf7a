"""What looking on costs: time of one request, and memory of 10,000 people whom every wire counts.

    python scripts/bench_tripwires.py [--people 10000]

Each person sends requests that touch every counter: a template with slots, log-probabilities, a pack's words,
many addresses. Prints medians and 99th percentiles of the processor time of watcher and gate, and what the
counters hold.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from eval_tripwires import IDENTITY, MODEL, Replay, tokens_of
from tripwire_material.making import BEGIN, Making, Set
from tripwire_material.texts import politics, question
from tripwire_material.words import HELD_OUT_POLITICS

from appliance.domain.generation import Accepted
from appliance.domain.people import Caller
from appliance.services.admission.gates import Asked

RESULTS = Path(__file__).parent / "results" / "tripwire-cost.json"


async def measured(people: int, each: int) -> dict[str, object]:
    make = Making(random.Random(7), held_out=True, small=False)
    replay = Replay(Set("bench", ()))
    await replay.tripwires.load()
    texts = [politics(make, HELD_OUT_POLITICS) for _ in range(200)] + [question(make) for _ in range(200)]
    requests = [make.chat(text, logprobs=5) for text in texts]
    requests += [make.chat(f"{question(make)} " * 60, logprobs=5) for _ in range(20)]
    tokens = [tokens_of(one) * 8 for one in requests]
    watching, gating = [], []
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    order = [number for _ in range(each) for number in range(people)]
    for place, number in enumerate(order):
        if place == len(order) // 2:
            held = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
        replay.clock.at_ms = BEGIN + place * 17
        chosen = make.random.randrange(len(requests))
        who = Caller(f"key_{number}", f"p{number}", "p", f"10.{place % 7}.{number % 250}.1")
        asked = Asked(who, MODEL, "m", requests[chosen], replay.clock.at_ms)
        accepted = Accepted(IDENTITY, len(tokens[chosen]), 1, replay.clock.at_ms, prompt=tokens[chosen])
        began = time.thread_time_ns()
        replay.tripping.watch(asked).accepted(accepted)
        replay.tripping.ended(who, 100)
        ended = time.thread_time_ns()
        if place > len(order) // 2:
            watching.append(ended - began)
            gating.append(gate_ns(replay, asked))
    return {
        "people": people,
        "requests_each": each,
        "watcher_us": percentiles(watching),
        "gate_us": percentiles(gating),
        "counters_mib": round(held / 2**20, 1),
        "bytes_a_person": round(held / people),
    }


def gate_ns(replay: Replay, asked: Asked) -> int:
    began = time.thread_time_ns()
    replay.gate.let(asked)
    return time.thread_time_ns() - began


def percentiles(times_ns: list[int]) -> dict[str, float]:
    cuts = statistics.quantiles(times_ns, n=100)
    return {"median": round(cuts[49] / 1000, 1), "p99": round(cuts[98] / 1000, 1)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--people", type=int, default=10_000)
    asked.add_argument("--each", type=int, default=16)
    given = asked.parse_args()
    found = asyncio.run(measured(given.people, given.each))
    print(json.dumps(found, indent=1))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
