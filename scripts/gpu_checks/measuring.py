"""Runs a real box on GPUs and measures it: load, memory, answers, throughput."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from model_box import ModelBox
from peers.comparing import SAMPLING, TIMEOUT_S

from appliance.bench.driving import Asking, Driver
from appliance.bench.measures import Load
from appliance.bench.sending import sender_to
from appliance.domain.hardware import Gpu, Inventory
from gpu_checks.judging import Held, Worker, held_by
from gpu_checks.planning import Sizes

Look = Callable[[frozenset[int]], Inventory]
LEAST_REQUESTS = 6
PROMPTS = (
    "Say what a GPU does while it waits for memory.",
    "Count from one to twenty in words.",
    "Which numbers does a batch of requests share?",
    "Write a short letter to a lab that shares one machine.",
)
ANSWER_TOKENS = 48
STUDENTS = 8
"""Keys that ask in turn, where so many streams run at once."""


@contextmanager
def box_on(
    model: Path,
    folder: Path,
    sizes: Sizes,
    gpus: str,
    *,
    replicas: int = 1,
    precision: str = "",
    threads: int = 0,
) -> Iterator[ModelBox]:
    """A box that may use these GPUs, written as in the setting ``gpus``, and runs the model.

    ``threads`` are a worker's on the processor; 0: as many as the machine allows.
    """
    box = ModelBox(
        model,
        folder,
        precision=precision,
        context_tokens=sizes.context_tokens,
        sequences=sizes.seats,
        gpus=gpus,
        gpu_layers=-1,
        worker_threads=threads,
        queue_limit=10_000,
        person_running_limit=sizes.seats,
        person_waiting_limit=10_000,
        log_level="warning",
    )
    with ExitStack() as started:
        # Before it starts: one whose model does not load has a gateway already, which must end too.
        started.push(box)
        box.__enter__()
        if replicas > 1:
            box.carrel("model", "run", "model", "--replicas", str(replicas))
        yield box


def load_s(box: ModelBox) -> float:
    """Seconds from nothing to the first readiness, of a file that was just read."""
    box.carrel("model", "stop", "model")
    started_s = time.perf_counter()
    box.carrel("model", "run", "model")
    return time.perf_counter() - started_s


def workers(box: ModelBox) -> list[Worker]:
    """The processes of the model."""
    replicas = box.carrel("model", "show", "model")["replicas"]
    return [Worker(one["pid"], tuple(one["gpus"])) for one in replicas]


def held(found: Sequence[Worker], before: Sequence[Gpu], look: Look) -> Held:
    """What these workers hold now."""
    pids = frozenset(one.pid for one in found)
    return held_by(before, look(pids).gpus, pids)


def greedy(box: ModelBox, max_tokens: int = ANSWER_TOKENS) -> list[str]:
    """The answers to ``PROMPTS``, one after the other, each token the likeliest."""
    key = box.new_key("greedy")
    with httpx.Client(
        timeout=TIMEOUT_S, trust_env=False, headers={"authorization": f"Bearer {key}"}
    ) as client:
        return [_answer(client, box.url, prompt, max_tokens) for prompt in PROMPTS]


def _answer(client: httpx.Client, url: str, prompt: str, max_tokens: int) -> str:
    body = {
        "model": "model",
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "seed": 1,
    }
    answer = client.post(f"{url}/chat/completions", json=body)
    answer.raise_for_status()
    return answer.json()["choices"][0]["message"]["content"]


def throughput(box: ModelBox, levels: Sequence[int], *, rounds: int, max_tokens: int) -> dict[int, float]:
    """Tokens a second by streams: medians over rounds, every level in each."""
    keys = tuple(box.new_key(f"student {number}") for number in range(min(STUDENTS, max(levels))))
    return asyncio.run(_throughput(box.url, keys, levels, rounds, max_tokens))


async def _throughput(
    url: str, keys: tuple[str, ...], levels: Sequence[int], rounds: int, max_tokens: int
) -> dict[int, float]:
    asking = Asking(
        model="model", workload="shared-prefix", max_tokens=max_tokens, seed=1, keys=keys, sampling=SAMPLING
    )
    sender = sender_to(url, TIMEOUT_S)
    driver = Driver(sender, asking)
    try:
        if (error := await driver.warm_up(3)) is not None:
            raise RuntimeError(f"the box does not answer: {error}")
        found: dict[int, list[float]] = {level: [] for level in levels}
        for _ in range(rounds):
            for level in levels:
                found[level].append(await _level(driver, level))
    finally:
        await sender.close()
    return {level: statistics.median(speeds) for level, speeds in found.items()}


async def _level(driver: Driver, level: int) -> float:
    run = await driver.run(Load(concurrency=level), max(LEAST_REQUESTS, 2 * level))
    if run.errors:
        raise RuntimeError(f"{run.errors} of {run.requests} requests failed: {run.first_error}")
    return run.output_tokens_per_s
