"""Numbers of the models that run and of their replicas, as they are at this moment."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, Metric

from appliance.domain.model import ModelState
from appliance.services.metrics.families import counter, gauge
from appliance.services.models.ports import ReplicaProcess
from appliance.services.models.running import RunningModel

_EACH = ("model", "replica")

_Replica = tuple[tuple[str, str], ReplicaProcess]


class Models(Protocol):
    """What runs."""

    @property
    def present(self) -> Sequence[RunningModel]:
        """Every model that has processes or is about to."""
        ...


def model_numbers(models: Models) -> Iterator[Metric]:
    """All of them. Replicas are numbered from 0 within their model."""
    present = models.present
    replicas = [((one.id, str(n)), replica) for one in present for n, replica in enumerate(one.replicas)]
    ready = [one for one in replicas if one[1].state is ModelState.READY]
    yield gauge(
        "model_state",
        "1 for the state that a model is in.",
        ("model", "state"),
        [((one.id, state), float(one.state is state)) for one in present for state in ModelState],
    )
    yield _restarts(replicas)
    yield gauge(
        "worker_memory_bytes",
        "Resident memory of a worker.",
        _EACH,
        [(key, one.memory_bytes) for key, one in replicas],
    )
    yield gauge(
        "sequences_running",
        "Answers that a replica computes.",
        _EACH,
        [(key, one.facts.max_sequences - one.free.sequences) for key, one in ready],
    )
    yield gauge(
        "sequences_capacity",
        "Answers that a replica can compute at once.",
        _EACH,
        [(key, one.facts.max_sequences) for key, one in ready],
    )
    yield gauge(
        "kv_tokens_used",
        "Tokens of the KV cache that running requests hold.",
        _EACH,
        [(key, one.facts.kv_tokens - one.free.kv_tokens) for key, one in ready],
    )
    yield gauge(
        "kv_tokens_capacity",
        "Tokens that fit the KV cache of a replica.",
        _EACH,
        [(key, one.facts.kv_tokens) for key, one in ready],
    )


def _restarts(replicas: Sequence[_Replica]) -> CounterMetricFamily:
    return counter(
        "worker_restarts",
        "How often a worker was started again, since its model was run.",
        _EACH,
        {key: one.restarts for key, one in replicas},
    )
