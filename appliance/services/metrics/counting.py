"""Counts what requests, the ledger and the HTTP side do. Plain numbers of the event loop: no locks, no labels
from outside.
"""

from collections import Counter, defaultdict
from typing import Final

from appliance.domain.distribution import Distribution
from appliance.domain.usage import Outcome
from appliance.services.generation.timing import ITL_BOUNDS_S, EndedRun

WAIT_BOUNDS_S: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
TTFT_BOUNDS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SHORT_BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

Counts = Counter[tuple[str, ...]]
"""Labels to a number."""
ByLabel = defaultdict[str, Distribution]


def _by_label(bounds: tuple[float, ...]) -> ByLabel:
    return defaultdict(lambda: Distribution(bounds))


class Counting:
    """All counters of a box. ``Meter`` of the generator, ``HttpMeter`` of the public listener."""

    def __init__(self) -> None:
        self.requests: Counts = Counter()
        """By model and outcome."""
        self.prompt_tokens: Counts = Counter()
        self.cached_tokens: Counts = Counter()
        self.generated_tokens: Counts = Counter()
        self.waited = _by_label(WAIT_BOUNDS_S)
        """In the queue, by class."""
        self.prepared = _by_label(SHORT_BOUNDS_S)
        self.first_token = _by_label(TTFT_BOUNDS_S)
        self.between_tokens = _by_label(ITL_BOUNDS_S)
        self.http_requests: Counts = Counter()
        """By address as it is documented, and status."""
        self.commits = _by_label(SHORT_BOUNDS_S)
        """By what the ledger was asked to do."""
        self.settled: Counts = Counter()
        """By outcome."""

    def ended(self, run: EndedRun) -> None:
        """A request is over."""
        model, meters, timing = run.model, run.meters, run.timing
        self.requests[model, run.outcome] += 1
        self.prompt_tokens[model,] += meters.prompt_tokens
        self.cached_tokens[model,] += meters.cached_tokens
        self.generated_tokens[model,] += meters.completion_tokens
        if timing.prepared_s is not None:
            self.prepared[model].add(timing.prepared_s)
        if timing.waited_s is not None:
            self.waited[run.service_class].add(timing.waited_s)
        if timing.first_token_s is not None:
            self.first_token[model].add(timing.first_token_s)
        self.between_tokens[model].merge(timing.between_tokens)

    def committed(self, outcome: Outcome) -> None:
        """The ledger has settled a request."""
        self.settled[outcome,] += 1

    def answered(self, address: str, status: int) -> None:
        """An HTTP request has its answer."""
        self.http_requests[address, str(status)] += 1
