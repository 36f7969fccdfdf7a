"""Measures tokens per second of a running box at several numbers of concurrent streams, in interleaved
rounds.

    python scripts/bench_streams.py --url http://127.0.0.1:7411/v1 --model handbook-tiny --streams 1 8

The key comes from OPENAI_API_KEY. Each round runs every level once, in order, so that a machine that changes
its speed changes it for all levels; medians over rounds and their ratio to the first level are printed.
Tokens are counted from the server's own usage; TTFT is first content chunk minus send. Closed loop: each
stream starts when the last ended.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from dataclasses import dataclass

import httpx

PROMPT = "Tell me how keys, budgets and models work on this box, and where each of them is kept."


@dataclass
class Stream:
    tokens: int
    ttft_ms: float


async def one_stream(client: httpx.AsyncClient, model: str, max_tokens: int, seed: int) -> Stream:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": PROMPT}],
        "max_tokens": max_tokens,
        "temperature": 1.5,
        "seed": seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    sent = time.perf_counter()
    ttft_ms, tokens = 0.0, 0
    async with client.stream("POST", "chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            if not ttft_ms and chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
                ttft_ms = (time.perf_counter() - sent) * 1000
            if chunk.get("usage"):
                tokens = chunk["usage"]["completion_tokens"]
    return Stream(tokens, ttft_ms)


async def one_level(client: httpx.AsyncClient, args: argparse.Namespace, streams: int, round_no: int) -> dict:
    async def loop(number: int) -> list[Stream]:
        seeds = range(number * 1000 + round_no * 100, number * 1000 + round_no * 100 + args.requests)
        return [await one_stream(client, args.model, args.max_tokens, seed) for seed in seeds]

    start = time.perf_counter()
    done = [one for many in await asyncio.gather(*(loop(n) for n in range(streams))) for one in many]
    wall_s = time.perf_counter() - start
    return {
        "tokens_per_s": sum(one.tokens for one in done) / wall_s,
        "ttft_ms": statistics.median(one.ttft_ms for one in done),
        "tokens": sum(one.tokens for one in done),
    }


async def measure(args: argparse.Namespace) -> dict:
    headers = {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    limits = httpx.Limits(max_connections=max(args.streams))
    base = args.url.rstrip("/") + "/"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=120, limits=limits) as client:
        await one_stream(client, args.model, 8, 0)
        rounds = [
            {streams: await one_level(client, args, streams, number) for streams in args.streams}
            for number in range(args.rounds)
        ]
    first = args.streams[0]
    return {
        "model": args.model,
        "rounds": args.rounds,
        "levels": [
            {
                "streams": streams,
                "tokens_per_s": round(statistics.median(one[streams]["tokens_per_s"] for one in rounds), 1),
                "ratio": round(
                    statistics.median(
                        one[streams]["tokens_per_s"] / one[first]["tokens_per_s"] for one in rounds
                    ),
                    2,
                ),
                "ttft_ms": round(statistics.median(one[streams]["ttft_ms"] for one in rounds), 1),
                "tokens": sum(one[streams]["tokens"] for one in rounds),
            }
            for streams in args.streams
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:7411/v1")
    parser.add_argument("--model", default="handbook-tiny")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--requests", type=int, default=4, help="requests each stream makes a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--max-tokens", type=int, default=128)
    print(json.dumps(asyncio.run(measure(parser.parse_args())), indent=2))


if __name__ == "__main__":
    main()
