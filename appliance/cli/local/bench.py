"""`carrel bench`: measures this box, or any other API, over HTTP as its students would."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from appliance.bench.benchmark import Benchmark, measure
from appliance.bench.driving import Asking
from appliance.bench.goodput import read_limits
from appliance.bench.levels import most_streams, read_loads
from appliance.bench.plotting import check_plotting, draw
from appliance.cli.desk import Desk
from appliance.cli.visiting import only_model, own_url, passing_keys
from appliance.client.student import StudentClient
from appliance.config.process import foreign_key, student_key
from appliance.domain.results import BenchReport

_KEY_NAME: Final = "carrel bench"
_STREAMS_A_KEY: Final = 16
"""A person may have only so many requests at once: the streams of a bench are those of several."""


def bench(
    desk: Desk,
    *,
    url: str | None,
    model: str | None,
    concurrency: str | None,
    rate: str | None,
    workload: str,
    requests: int | None,
    max_tokens: int,
    warmup: int,
    seed: int,
    goodput: str | None,
    plot: str | None,
) -> BenchReport:
    """What was measured. Raises ``BadRequest`` before anything is asked, ``NotReady`` for no answer."""
    loads = read_loads(concurrency, rate)
    limits = None if goodput is None else read_limits(goodput)
    if plot is not None:
        check_plotting(Path(plot))
    people = -(-most_streams(loads) // _STREAMS_A_KEY)
    with _keys(desk, url, people) as keys:
        address = url or own_url(desk)
        asking = Asking(
            model=model or _only_model(address, keys[0]),
            workload=workload,
            max_tokens=max_tokens,
            seed=seed,
            keys=keys,
            limits=limits,
        )
        benchmark = Benchmark(address, asking, loads, requests, warmup, goodput or "")
        report = asyncio.run(measure(benchmark, desk.progress))
    if plot is None:
        return report
    draw(report, Path(plot))
    return msgspec.structs.replace(report, plot=plot)


@contextmanager
def _keys(desk: Desk, url: str | None, people: int) -> Iterator[tuple[str, ...]]:
    """The key for a named address as it is, maybe none; for this box the user's or passing ones."""
    environ = desk.around.environ
    if url is not None:
        yield (foreign_key(environ) or "",)
    elif (own := student_key(environ)) is not None:
        yield (own,)
    else:
        with passing_keys(desk, _KEY_NAME, people) as keys:
            yield keys


def _only_model(url: str, key: str) -> str:
    with StudentClient(url, key) as client:
        return only_model(client.models())


HANDLERS: Final = {"bench": bench}
