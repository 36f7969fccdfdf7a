"""One benchmark from its first request to its report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.bench.driving import Asking, Driver
from appliance.bench.levels import request_count
from appliance.bench.measures import Load
from appliance.bench.sending import sender_to
from appliance.domain.results import BenchReport, BenchRun
from appliance.errors import NotReady

_TIMEOUT_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is measured. ``requests`` is of each level, None for a number that fits it."""

    url: str
    asking: Asking
    loads: Sequence[Load]
    requests: int | None
    warmup: int
    goodput_limits: str = ""


async def measure(benchmark: Benchmark, told: Callable[[str], None]) -> BenchReport:
    """Run every level. ``told`` hears of each before it begins.

    Raises ``BadRequest`` for what is no address and ``NotReady`` where the first request is not answered.
    """
    sender = sender_to(benchmark.url, _TIMEOUT_S)
    try:
        runs = await _levels(Driver(sender, benchmark.asking), benchmark, told)
    finally:
        await sender.close()
    asking = benchmark.asking
    return BenchReport(
        url=benchmark.url,
        model=asking.model,
        workload=asking.workload,
        max_tokens=asking.max_tokens,
        seed=asking.seed,
        goodput_limits=benchmark.goodput_limits,
        runs=tuple(runs),
    )


async def _levels(driver: Driver, benchmark: Benchmark, told: Callable[[str], None]) -> list[BenchRun]:
    if (error := await driver.warm_up(benchmark.warmup)) is not None:
        raise NotReady(f"The API does not answer as it should: {error}.")
    runs: list[BenchRun] = []
    for load in benchmark.loads:
        requests = request_count(load, benchmark.requests)
        told(f"{_words(load)}: {requests} requests …")
        runs.append(await driver.run(load, requests))
    return runs


def _words(load: Load) -> str:
    if load.concurrency is not None:
        return f"{load.concurrency} streams at once"
    return f"{load.rate_per_s:g} requests a second"
