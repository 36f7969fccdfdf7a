"""Shows how often an answer is another one in a crowd than alone, and what the deterministic option costs.

    python scripts/show_determinism.py MODEL.gguf [--prompts 40] [--crowd 16] [--json FILE]

The same prompts with the same seeds are answered one by one, and many at once, greedily and sampled. Numbers
on a computer are added in another order when other sequences are computed beside them, so the last bits of
the logits differ; where two tokens are nearly as likely, another one is picked. Once with the engine as it
is, once with `deterministic`. The throughput of both is measured in turns, `--rounds` times.
"""

import argparse
import json
import os
import random
import statistics
import time
from pathlib import Path

from appliance.domain.generation import Sampling
from appliance.engines.base import EngineSpec, Failed, Generate, Tokens
from appliance.engines.plugins import find_plugin
from appliance.engines.scheduler import Scheduler

ANSWER_TOKENS = 64
GREEDY = Sampling(temperature=0.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)


def sampled(seed: int) -> Sampling:
    return Sampling(temperature=0.8, top_p=0.95, top_k=40, min_p=0.05, seed=seed)


def works(count: int, vocabulary: int, *, greedy: bool) -> list[Generate]:
    """Prompts of 20 to 200 random tokens; those of a model with random weights are as good as words."""
    draw = random.Random(1)
    return [
        Generate(
            number,
            tuple(draw.randrange(300, vocabulary) for _ in range(draw.randrange(20, 200))),
            ANSWER_TOKENS,
            GREEDY if greedy else sampled(number),
        )
        for number in range(count)
    ]


def answers(engine: Scheduler, asked: list[Generate], at_once: int) -> dict[int, list[int]]:
    """Tokens of each; never more than ``at_once`` run together."""
    waiting, ids, running = list(asked), {one.id: [] for one in asked}, 0
    while waiting or not engine.idle:
        while waiting and running < at_once:
            engine.submit(waiting.pop(0))
            running += 1
        for event in engine.step().events:
            if isinstance(event, Failed):
                raise RuntimeError(event.message)
            if isinstance(event, Tokens):
                ids[event.id] += event.ids
            else:
                running -= 1
    return ids


def differing(alone: dict[int, list[int]], crowd: dict[int, list[int]]) -> dict:
    """How many answers differ, and at which token first."""
    first = [
        next(
            (place for place, pair in enumerate(zip(one, crowd[number], strict=False)) if pair[0] != pair[1]),
            None,
        )
        for number, one in alone.items()
    ]
    places = [place for place in first if place is not None]
    return {
        "answers": len(first),
        "differ": len(places),
        "median_first_token": statistics.median(places) if places else None,
    }


def speed(engine: Scheduler, asked: list[Generate], at_once: int) -> float:
    """Tokens per second."""
    began = time.perf_counter()
    made = sum(map(len, answers(engine, asked, at_once).values()))
    return made / (time.perf_counter() - began)


def measure(args: argparse.Namespace) -> dict:
    engines = {
        name: open_engine(args, deterministic=name == "deterministic") for name in ("usual", "deterministic")
    }
    vocabulary = engines["usual"].facts.vocabulary
    found: dict = {"model": args.model.name, "crowd": args.crowd, "new_tokens": ANSWER_TOKENS}
    for name, engine in engines.items():
        for way in ("greedy", "sampled"):
            asked = works(args.prompts, vocabulary, greedy=way == "greedy")
            found[f"{name}, {way}"] = differing(answers(engine, asked, 1), answers(engine, asked, args.crowd))
    asked = works(args.prompts, vocabulary, greedy=False)
    rounds = [
        {name: speed(engine, asked, args.crowd) for name, engine in engines.items()}
        for _ in range(args.rounds)
    ]
    found["tokens_per_s"] = {
        name: round(statistics.median(one[name] for one in rounds), 1) for name in engines
    }
    found["ratio"] = round(statistics.median(one["deterministic"] / one["usual"] for one in rounds), 3)
    return found


def open_engine(args: argparse.Namespace, *, deterministic: bool) -> Scheduler:
    spec = EngineSpec(
        engine="llama_cpp",
        model_path=str(args.model),
        context_tokens=512,
        kv_tokens=512 * args.crowd,
        max_sequences=args.crowd,
        threads=args.threads,
        deterministic=deterministic,
    )
    return Scheduler(find_plugin(spec.engine).open_runner(spec))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--crowd", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = measure(args)
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
