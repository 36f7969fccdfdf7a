"""Measures what the gateway costs, beside the engine that it drives.

    python scripts/bench_gateway.py --model MODELS/llama-15m-q8_0.gguf

Two things, each interleaved: (a) at one stream, the median TTFT over HTTP minus that of the engine driven
directly in a process of its own, request by request in turn, with the same prompts and threads; (b) at
--streams streams, tokens per second with the ledger (hold and settlement on the disk) against a gateway whose
ledger writes nothing, round by round, with the 90 % bootstrap interval of the ratio.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from model_box import ModelBox
from peers.comparing import SAMPLING, TIMEOUT_S

from appliance.bench.chat import ChatRequest, StreamOptions
from appliance.bench.driving import Asking, Driver
from appliance.bench.measures import Load
from appliance.bench.reading import read_answer
from appliance.bench.sending import sender_to
from appliance.bench.statistics import bootstrap_interval
from appliance.bench.workloads import Question, questions
from appliance.engines.base import EngineSpec

HERE = Path(__file__).parent
SEQUENCES = 32
CONTEXT_TOKENS = 512
MAX_TOKENS = 64
FEW_TOKENS = 4
WARM_UP = 3


def box_of(asked: argparse.Namespace, folder: Path, **more: object) -> ModelBox:
    return ModelBox(
        asked.model.resolve(),
        folder,
        context_tokens=CONTEXT_TOKENS,
        sequences=SEQUENCES,
        worker_threads=asked.threads,
        person_running_limit=SEQUENCES,
        person_waiting_limit=1000,
        log_level="warning",
        **more,
    )


@contextmanager
def bare_engine(asked: argparse.Namespace) -> Iterator[subprocess.Popen]:
    spec = EngineSpec(
        engine="llama_cpp",
        model_path=str(asked.model.resolve()),
        context_tokens=CONTEXT_TOKENS,
        kv_tokens=CONTEXT_TOKENS * SEQUENCES,
        max_sequences=SEQUENCES,
        threads=asked.threads,
    )
    program = [sys.executable, HERE / "peers" / "bare_engine.py", msgspec.json.encode(spec), str(FEW_TOKENS)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process
        process.stdin.close()


async def over_http(sender, key: str, question: Question) -> tuple[float, int]:
    body = ChatRequest(
        model="model",
        messages=question.messages,
        max_tokens=FEW_TOKENS,
        stream=True,
        stream_options=StreamOptions(),
        seed=question.seed,
        **msgspec.structs.asdict(SAMPLING),
    )
    answer = read_answer(await sender.send(msgspec.json.encode(body), key))
    if answer.error:
        raise RuntimeError(answer.error)
    return answer.ttft_ms, answer.prompt_tokens


def in_process(process: subprocess.Popen, question: Question) -> tuple[float, int]:
    text = "".join(f"<|im_start|>{one.role}\n{one.content}<|im_end|>\n" for one in question.messages)
    asked = {"text": f"{text}<|im_start|>assistant\n", "seed": question.seed}
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    told = json.loads(process.stdout.readline())
    return told["ttft_ms"], told["prompt_tokens"]


async def gateway_cost(asked: argparse.Namespace, folder: Path) -> dict:
    """Milliseconds. The prompts have nothing in common, so that no cache helps either side."""
    pairs = []
    with box_of(asked, folder / "box") as box, bare_engine(asked) as engine:
        key, sender = box.new_key("bench"), sender_to(box.url, TIMEOUT_S)
        made = questions("chat", seed=1, max_tokens=FEW_TOKENS)
        short = (one for one in made if 300 < len(one.messages[0].content) < 700)
        for number, question in enumerate(itertools.islice(short, WARM_UP + asked.requests)):
            http_ms, http_tokens = await over_http(sender, key, question)
            bare_ms, bare_tokens = in_process(engine, question)
            if http_tokens != bare_tokens:
                raise RuntimeError(f"prompts differ: {http_tokens} and {bare_tokens} tokens")
            if number >= WARM_UP:
                pairs.append((http_ms, bare_ms, http_tokens))
    differences = [http_ms - bare_ms for http_ms, bare_ms, _ in pairs]
    http_ms, bare_ms, tokens = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "requests": len(pairs),
        "prompt_tokens": tokens,
        "http_ttft_ms": round(http_ms, 2),
        "engine_ttft_ms": round(bare_ms, 2),
        "cost_ms": round(http_ms - bare_ms, 2),
        "cost_of_pairs_90": [round(one, 2) for one in bootstrap_interval(differences)],
    }


async def accounting_cost(asked: argparse.Namespace, folder: Path) -> dict:
    """Tokens per second with the ledger by those without, in each round; who begins alternates."""
    rounds = []
    uncounted = (str(HERE / "peers" / "uncounted_gateway.py"),)
    with box_of(asked, folder / "a") as box, box_of(asked, folder / "b", program=uncounted) as other:
        drivers = [driver(box), driver(other)]
        for one in drivers:
            if (error := await one.warm_up(WARM_UP)) is not None:
                raise RuntimeError(error)
        for number in range(asked.rounds):
            order = (0, 1) if number % 2 else (1, 0)
            speeds = {}
            for which in order:
                run = await drivers[which].run(Load(concurrency=asked.streams), asked.streams * 4)
                if run.errors or run.output_tokens != run.completed * MAX_TOKENS:
                    raise RuntimeError(run.first_error or "answers of other lengths")
                speeds[which] = run.output_tokens_per_s
            rounds.append((speeds[0], speeds[1]))
            print(f"round {number + 1}: {speeds[0]:.0f} with the ledger, {speeds[1]:.0f} without", flush=True)
    ratios = [with_ledger / without for with_ledger, without in rounds]
    return {
        "streams": asked.streams,
        "tokens_per_s": [round(statistics.median(column), 1) for column in zip(*rounds, strict=True)],
        "ratio": round(statistics.median(ratios), 4),
        "ratio_90": [round(one, 4) for one in bootstrap_interval(ratios)],
        "rounds": rounds,
    }


def driver(box: ModelBox) -> Driver:
    keys = tuple(box.new_key(f"student {number}") for number in range(4))
    asking = Asking("model", "shared-prefix", MAX_TOKENS, seed=1, keys=keys, sampling=SAMPLING)
    return Driver(sender_to(box.url, TIMEOUT_S), asking)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--requests", type=int, default=100, help="of (a)")
    parser.add_argument("--streams", type=int, default=32, help="of (b)")
    parser.add_argument("--rounds", type=int, default=10, help="of (b)")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "gateway-cost.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carrel-cost-") as folder:
        found = {
            "model": asked.model.name,
            "threads": asked.threads,
            "gateway_at_one_stream": asyncio.run(gateway_cost(asked, Path(folder) / "one")),
            "accounting": asyncio.run(accounting_cost(asked, Path(folder) / "two")),
        }
    asked.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
