"""The levels of load that were asked for, from the text of the command line. Pure."""

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from appliance.bench.measures import Load
from appliance.errors import BadRequest

_DEFAULT: Final = "1,8,32"
_MOST_STREAMS: Final = 10_000
_MOST_A_SECOND: Final = 100_000.0
_PER_STREAM: Final = 4
_OPEN_LOOP_S: Final = 30
_LEAST_REQUESTS: Final = 8

Number = TypeVar("Number", int, float)


def read_loads(concurrency: str | None, rate: str | None) -> tuple[Load, ...]:
    """One ``Load`` a number of either list. Raises ``BadRequest``, also where both are given."""
    if rate is None:
        streams = _numbers(concurrency or _DEFAULT, int, _MOST_STREAMS, "concurrency")
        return tuple(Load(concurrency=one) for one in streams)
    if concurrency is not None:
        raise BadRequest(
            "Give --concurrency or --rate, not both: a closed loop or an open one.", param="rate"
        )
    return tuple(Load(rate_per_s=one) for one in _numbers(rate, float, _MOST_A_SECOND, "rate"))


def request_count(load: Load, asked: int | None) -> int:
    """So many requests for a level: as asked, or four a stream, or thirty seconds of arrivals."""
    if asked is not None:
        return asked
    open_loop = math.ceil((load.rate_per_s or 0) * _OPEN_LOOP_S)
    return max(_LEAST_REQUESTS, (load.concurrency or 0) * _PER_STREAM, open_loop)


def most_streams(loads: Sequence[Load]) -> int:
    """The highest concurrency, 1 for open loops."""
    return max(load.concurrency or 1 for load in loads)


def _numbers(text: str, kind: Callable[[str], Number], most: Number, param: str) -> list[Number]:
    try:
        numbers = [kind(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 < number <= most for number in numbers):
        raise BadRequest(f"`{param}` must be numbers above 0 and up to {most}, such as 1,8,32.", param=param)
    return numbers
