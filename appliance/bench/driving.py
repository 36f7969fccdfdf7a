"""Puts load on an API, one level after the other, and sums up what came back."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice

import msgspec

from appliance.bench.chat import ChatRequest, Sampling, StreamOptions
from appliance.bench.goodput import Limits
from appliance.bench.measures import Answered, Load, summed
from appliance.bench.reading import Received, read_answer
from appliance.bench.sending import Sender
from appliance.bench.workloads import Question, questions
from appliance.domain.results import BenchRun


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask, what, and as whom: ``keys`` are taken in turn, so that many can be one class."""

    model: str
    workload: str
    max_tokens: int
    seed: int = 0
    keys: Sequence[str] = ("",)
    sampling: Sampling = field(default_factory=Sampling)
    limits: Limits | None = None
    assumed_tokens: int | None = None
    """See ``reading.read_answer``."""


class Driver:
    """Asks questions through a sender; no question is asked twice in its life, so no cache knows one."""

    def __init__(self, sender: Sender, asking: Asking) -> None:
        self._sender = sender
        self._asking = asking
        self._questions = questions(asking.workload, seed=asking.seed, max_tokens=asking.max_tokens)
        self._turns = count()

    async def warm_up(self, requests: int) -> str | None:
        """Ask one after the other and forget the answers; what is wrong with the first bad one, or None."""
        for question in islice(self._questions, requests):
            answer = self._read(await self._ask(question))
            if answer.error:
                return answer.error
        return None

    async def run(self, load: Load, requests: int) -> BenchRun:
        """One level of load with so many requests in all."""
        asked = islice(self._questions, requests)
        started_s = time.perf_counter()
        received = await (self._closed(asked, load) if load.rate_per_s is None else self._open(asked, load))
        duration_s = time.perf_counter() - started_s
        return summed(load, [self._read(one) for one in received], duration_s, self._asking.limits)

    def _read(self, received: Received) -> Answered:
        return read_answer(received, assumed_tokens=self._asking.assumed_tokens)

    async def _closed(self, asked: Iterator[Question], load: Load) -> list[Received]:
        received: list[Received] = []

        async def stream() -> None:
            for question in asked:
                received.append(await self._ask(question))  # noqa: PERF401 - one list for all streams

        async with asyncio.TaskGroup() as streams:
            for _ in range(load.concurrency or 1):
                streams.create_task(stream())
        return received

    async def _open(self, asked: Iterator[Question], load: Load) -> list[Received]:
        """A Poisson process: gaps between arrivals are exponential, whatever the server does."""
        source = random.Random(self._asking.seed)  # noqa: S311 - a workload, not a secret
        loop = asyncio.get_running_loop()
        arrival_s = loop.time()
        async with asyncio.TaskGroup() as group:
            tasks = []
            for question in asked:
                await asyncio.sleep(max(0.0, arrival_s - loop.time()))
                tasks.append(group.create_task(self._ask(question)))
                arrival_s += source.expovariate(load.rate_per_s or 1.0)
        return [task.result() for task in tasks]

    async def _ask(self, question: Question) -> Received:
        asking, sampling = self._asking, self._asking.sampling
        request = ChatRequest(
            model=asking.model,
            messages=question.messages,
            max_tokens=question.max_tokens,
            stream=True,
            stream_options=StreamOptions(),
            seed=question.seed,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            min_p=sampling.min_p,
        )
        key = asking.keys[next(self._turns) % len(asking.keys)]
        return await self._sender.send(msgspec.json.encode(request), key)
