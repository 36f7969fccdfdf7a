"""The metrics as Prometheus reads them, in the field's conventions: ``carrel_``, units in names, ``_total``.

Labels are models of the catalog, classes, outcomes, replica numbers, documented addresses and status codes:
never a person, a key, or anything else that came with a request.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from appliance.services.metrics.counting import Counting
from appliance.services.metrics.families import PREFIX, counter, gauge, histogram
from appliance.services.metrics.model_numbers import Models, model_numbers
from appliance.services.queue import DispatchQueue
from appliance.upstreams.alarms import Alarms


@dataclass(frozen=True, slots=True)
class Box:
    """What is looked at each time somebody asks."""

    counting: Counting
    queue: DispatchQueue
    models: Models
    connections: Callable[[], int]
    """Clients that are connected."""
    unsettled: Callable[[], int]
    """Requests that hold a part of a budget."""
    version: str
    alarms: Alarms | None = None
    """What is known of hosts elsewhere."""
    offline: Callable[[], bool] = lambda: False
    """Whether the box asks nobody outside."""


class Metrics:
    """Tells all numbers. Nothing is computed between two calls."""

    def __init__(self, box: Box) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Numbers(box))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """In the text format, version 0.0.4."""
        return generate_latest(self._registry)


class _Numbers(Collector):
    def __init__(self, box: Box) -> None:
        self._box = box

    def describe(self) -> list[Metric]:
        """Nothing: asking would collect everything once at start."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(PREFIX + "build", "What runs.", value={"version": self._box.version})
        connections = [((), float(self._box.connections()))]
        yield gauge("http_connections", "Clients that are connected to the API.", (), connections)
        silent = [((), float(self._box.offline()))]
        yield gauge("offline", "1 while the box asks nobody outside.", (), silent)
        yield from _http(self._box.counting)
        yield from _requests(self._box.counting)
        yield from _ledger(self._box.counting)
        yield gauge(
            "ledger_holds", "Requests that hold a part of a budget.", (), [((), self._box.unsettled())]
        )
        yield from _queue(self._box.queue)
        yield from model_numbers(self._box.models)
        if self._box.alarms is not None:
            yield from _upstreams(self._box.alarms)


def _http(counting: Counting) -> Iterator[Metric]:
    yield counter("http_requests", "HTTP requests answered.", ("endpoint", "status"), counting.http_requests)


def _requests(counting: Counting) -> Iterator[Metric]:
    yield counter("requests", "Requests for an answer that ended.", ("model", "outcome"), counting.requests)
    yield counter("prompt_tokens", "Tokens of prompts.", ("model",), counting.prompt_tokens)
    yield counter(
        "cached_prompt_tokens", "Tokens of prompts not computed again.", ("model",), counting.cached_tokens
    )
    yield counter("generation_tokens", "Tokens of answers.", ("model",), counting.generated_tokens)
    yield histogram("prepare_seconds", "Time until a prompt is tokens.", "model", counting.prepared)
    yield histogram("queue_wait_seconds", "Time in the queue.", "class", counting.waited)
    yield histogram(
        "time_to_first_token_seconds", "From a request to its first token.", "model", counting.first_token
    )
    yield histogram(
        "inter_token_latency_seconds", "From one token to the next.", "model", counting.between_tokens
    )


def _ledger(counting: Counting) -> Iterator[Metric]:
    yield histogram(
        "ledger_commit_seconds",
        "Time until a change of the ledger is on the disk.",
        "change",
        counting.commits,
    )
    yield counter("ledger_settlements", "Requests settled.", ("outcome",), counting.settled)


def _queue(queue: DispatchQueue) -> Iterator[Metric]:
    states = queue.states()
    for name, says in (("waiting", "Requests that wait."), ("running", "Requests that are computed.")):
        samples = [((one.model, str(one.service_class)), getattr(one, name)) for one in states]
        yield gauge(f"queue_{name}", says, ("model", "class"), samples)
    yield gauge("queue_limit", "Most requests that may wait.", (), [((), queue.limit)])


def _upstreams(alarms: Alarms) -> Iterator[Metric]:
    for name, says, counts in (
        ("upstream_answers", "Answers of models elsewhere with their host's counts.", alarms.answers),
        ("upstream_usage_alarms", "Times that a host's counts were not ours.", alarms.differed),
        ("upstream_usage_unreported", "Answers without their host's counts.", alarms.unreported),
    ):
        yield counter(name, says, ("model",), {(model,): number for model, number in counts.items()})
