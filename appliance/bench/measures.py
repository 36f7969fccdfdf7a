"""What is measured of one request and of one level of load, as vLLM's ``benchmark_serving`` defines it.

TTFT: first chunk with text minus sending. ITL: gaps between the chunks with text after it (a chunk may hold
several tokens). E2EL: last chunk minus sending. TPOT: (E2EL - TTFT) / (output tokens - 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.bench.goodput import Limits
from appliance.bench.statistics import spread
from appliance.domain.results import BenchRun


@dataclass(frozen=True, slots=True)
class Answered:
    """One request. Times in ms; ``error`` is empty for one that was answered in full."""

    ttft_ms: float = 0.0
    e2el_ms: float = 0.0
    itl_ms: tuple[float, ...] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0
    error: str = ""

    @property
    def tpot_ms(self) -> float | None:
        """None for an answer of one token, which has no second one to wait for."""
        if self.output_tokens < 2:
            return None
        return (self.e2el_ms - self.ttft_ms) / (self.output_tokens - 1)


@dataclass(frozen=True, slots=True)
class Load:
    """One level: so many streams at once, or so many arrivals a second."""

    concurrency: int | None = None
    rate_per_s: float | None = None


def summed(load: Load, answers: Sequence[Answered], duration_s: float, limits: Limits | None) -> BenchRun:
    """All requests of a level. ``duration_s`` is from the first sending to the last answer's end."""
    good = [one for one in answers if not one.error]
    failed = [one.error for one in answers if one.error]
    output_tokens = sum(one.output_tokens for one in good)
    kept = (
        None
        if limits is None
        else sum(limits.are_kept_by(one.ttft_ms, one.tpot_ms, one.e2el_ms) for one in good)
    )
    return BenchRun(
        concurrency=load.concurrency,
        rate_per_s=load.rate_per_s,
        requests=len(answers),
        completed=len(good),
        errors=len(failed),
        duration_s=round(duration_s, 6),
        prompt_tokens=sum(one.prompt_tokens for one in good),
        output_tokens=output_tokens,
        request_throughput=round(len(good) / duration_s, 3),
        output_tokens_per_s=round(output_tokens / duration_s, 2),
        goodput=None if kept is None else round(kept / duration_s, 3),
        ttft_ms=spread([one.ttft_ms for one in good]),
        itl_ms=spread([gap for one in good for gap in one.itl_ms]),
        tpot_ms=spread([one.tpot_ms for one in good if one.tpot_ms is not None]),
        e2el_ms=spread([one.e2el_ms for one in good]),
        first_error=failed[0] if failed else "",
    )
