"""Shows whether one person can tell, by the time to the first token, that another sent the same prompt.

    python scripts/show_cache_leak.py MODEL.gguf [--probes 200] [--json scripts/results/cache_leak.json]

Each probe is a new secret beginning. By a coin, the victim sends it first, or sends another one; then the
attacker, with a key of its own, sends it and takes the time to the first token. AUC is the chance that a
victim's prompt answers faster than a fresh one (Mann and Whitney 1947, ties count half): 0.5 tells nothing.
The owner's own reuse is measured beside it: the same prompt again, with the same key.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from model_box import ModelBox

WORDS = 100
WARM_UP = 5


def ttft_ms(http: httpx.Client, prompt: str) -> float:
    """Milliseconds from sending to the first chunk with text."""
    body = {"model": "model", "prompt": prompt, "max_tokens": 2, "temperature": 0, "stream": True}
    sent = time.perf_counter()
    with http.stream("POST", "completions", json=body) as answer:
        answer.raise_for_status()
        lines = answer.iter_lines()
        for line in lines:
            if line.startswith("data: {"):
                break
        taken = (time.perf_counter() - sent) * 1000
        for _ in lines:
            pass
    return taken


def secret(draw: random.Random) -> str:
    """A beginning that nobody has sent before."""
    return " ".join(f"{draw.randrange(16**6):06x}" for _ in range(WORDS))


def auc(lower: Sequence[float], higher: Sequence[float]) -> float:
    """The chance that one of ``lower`` is less than one of ``higher``."""
    wins = sum((a < b) + (a == b) / 2 for a in lower for b in higher)
    return wins / (len(lower) * len(higher))


def probe(victim: httpx.Client, attacker: httpx.Client, probes: int, seed: int) -> dict:
    """Alternating labels in random order; the first few are thrown away."""
    draw = random.Random(seed)
    same: list[float] = []
    other: list[float] = []
    first: list[float] = []
    again: list[float] = []
    for number in range(probes + WARM_UP):
        prompt, was_sent = secret(draw), draw.random() < 0.5
        ttft_ms(victim, prompt if was_sent else secret(draw))
        guess_ms = ttft_ms(attacker, prompt)
        again_ms = ttft_ms(attacker, prompt)
        if number >= WARM_UP:
            (same if was_sent else other).append(guess_ms)
            first.append(guess_ms)
            again.append(again_ms)
    return {
        "probes": len(first),
        "auc": round(auc(same, other), 3),
        "ttft_ms": {
            "sent_by_the_victim": round(statistics.median(same), 2),
            "sent_by_nobody": round(statistics.median(other), 2),
            "sent_by_oneself": round(statistics.median(again), 2),
        },
        "own_reuse_times_faster": round(statistics.median(first) / statistics.median(again), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelBox(args.model, Path(folder), context_tokens=4096, sequences=4) as box,
    ):
        clients = [
            httpx.Client(
                base_url=box.url + "/",
                headers={"authorization": f"Bearer {box.new_key(name)}"},
                timeout=60,
                trust_env=False,
            )
            for name in ("victim", "attacker")
        ]
        found = probe(clients[0], clients[1], args.probes, args.seed)
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
