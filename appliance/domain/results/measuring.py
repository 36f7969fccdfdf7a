"""What a serving benchmark answers, in vLLM's terms. Times are in ms and of completed requests."""

from appliance.domain.results.base import Result


class Spread(Result, frozen=True):
    """Median and two high percentiles."""

    p50: float
    p95: float
    p99: float


class BenchRun(Result, frozen=True):
    """One level of load. Closed loop: ``concurrency`` streams, each sending when its last has ended; open
    loop: ``rate_per_s`` arrivals at random, and no limit to how many run at once.

    ``request_throughput`` is completed requests a second, ``goodput`` those of them within the stated limits.
    """

    concurrency: int | None
    rate_per_s: float | None
    requests: int
    completed: int
    errors: int
    duration_s: float
    prompt_tokens: int
    output_tokens: int
    request_throughput: float
    output_tokens_per_s: float
    goodput: float | None
    ttft_ms: Spread | None
    itl_ms: Spread | None
    tpot_ms: Spread | None
    e2el_ms: Spread | None
    first_error: str = ""


class BenchReport(Result, frozen=True):
    """All levels, in the order they ran. ``goodput_limits`` is as it was asked for, empty without."""

    url: str
    model: str
    workload: str
    max_tokens: int
    seed: int
    goodput_limits: str
    runs: tuple[BenchRun, ...]
    plot: str = ""
    """The PNG that was written, empty without."""
