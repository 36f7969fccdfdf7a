"""The numbers of a box as Prometheus reads them."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.domain.distribution import Distribution
from appliance.domain.generation import ServiceClass
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome
from appliance.errors import StorageUnavailable
from appliance.services.generation.timing import EndedRun, Timing
from appliance.services.metrics.counting import Counting
from appliance.services.metrics.metered_ledger import MeteredLedger
from appliance.services.metrics.telling import Box, Metrics
from appliance.services.queue import DispatchQueue, QueueLimits, Share
from tests.generation.fakes import CALLER, FakeClock, FakeLedger, FakeSource
from tests.generation.test_queue import work
from tests.models.conftest import Shelf


@pytest.fixture
def still() -> FakeClock:
    return FakeClock()


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def box(counting: Counting, *, queue: DispatchQueue, models: object) -> Box:
    return Box(counting, queue, models, lambda: 7, lambda: 2, "1.2.3")


def ended(clock: FakeClock, *, model: str = "m") -> EndedRun:
    """Prepared in 0.02 s, waited 3 s, and three tokens half a second apart."""
    timing = Timing(clock)
    clock.at_s += 0.02
    timing.prepared()
    timing.joined()
    clock.at_s += 3
    timing.dispatched()
    for _ in range(3):
        clock.at_s += 0.5
        timing.sampled(0, 1)
    meters = Meters(prompt_tokens=10, cached_tokens=4, completion_tokens=3)
    return EndedRun(CALLER, model, ServiceClass.INTERACTIVE, Outcome.COMPLETED, meters, timing)


async def test_a_run_is_counted_with_its_times_and_tokens(still: FakeClock):
    counting = Counting()
    for _ in range(2):
        counting.ended(ended(still))
    queue = DispatchQueue(QueueLimits(8), clock=still)
    told = samples(Metrics(box(counting, queue=queue, models=Shelf().service())).text())
    model = (("model", "m"),)
    assert told["carrel_requests_total", (("model", "m"), ("outcome", "completed"))] == 2
    assert told["carrel_prompt_tokens_total", model] == 20
    assert told["carrel_cached_prompt_tokens_total", model] == 8
    assert told["carrel_generation_tokens_total", model] == 6
    assert told["carrel_queue_wait_seconds_sum", (("class", "interactive"),)] == pytest.approx(6)
    assert told["carrel_queue_wait_seconds_bucket", (("class", "interactive"), ("le", "2.5"))] == 0
    assert told["carrel_queue_wait_seconds_bucket", (("class", "interactive"), ("le", "5"))] == 2
    assert told["carrel_time_to_first_token_seconds_sum", model] == pytest.approx(2 * 3.52)
    assert told["carrel_inter_token_latency_seconds_count", model] == 4
    assert told["carrel_inter_token_latency_seconds_sum", model] == pytest.approx(2)
    assert told["carrel_prepare_seconds_count", model] == 2
    assert told["carrel_http_connections", ()] == 7
    assert told["carrel_ledger_holds", ()] == 2
    assert told["carrel_build_info", (("version", "1.2.3"),)] == 1


async def test_choices_of_one_run_are_timed_apart(still: FakeClock):
    timing = Timing(still)
    for _ in range(2):
        still.at_s += 0.5
        for choice in range(4):
            timing.sampled(choice, 1)
    assert timing.between_tokens.total == 4
    assert timing.between_tokens.sum_s == pytest.approx(2.0)


def test_several_tokens_of_one_step_share_its_time(still: FakeClock):
    timing = Timing(still)
    timing.sampled(0, 1)
    still.at_s += 0.4
    timing.sampled(0, 4)
    assert timing.between_tokens.total == 4
    assert timing.between_tokens.sum_s == pytest.approx(0.4)


async def test_lines_replicas_and_states_are_told_as_they_are(still: FakeClock):
    shelf = Shelf()
    models = shelf.service()
    await models.run(model="small")
    queue = DispatchQueue(QueueLimits(8), clock=still)
    source = FakeSource(sequences=1)
    for number in range(3):
        queue.join("small", work(number), [source], Share(Caller("k", "ada", "default")))
    told = samples(Metrics(box(Counting(), queue=queue, models=models)).text())
    line = (("class", "interactive"), ("model", "small"))
    assert (told["carrel_queue_waiting", line], told["carrel_queue_running", line]) == (2, 1)
    assert told["carrel_queue_limit", ()] == 8
    assert told["carrel_model_state", (("model", "small"), ("state", "ready"))] == 1
    assert told["carrel_model_state", (("model", "small"), ("state", "failed"))] == 0
    replica = (("model", "small"), ("replica", "0"))
    worker = shelf.factory.replicas[0]
    facts = worker.facts
    assert told["carrel_kv_tokens_capacity", replica] == facts.kv_tokens
    assert told["carrel_kv_tokens_used", replica] == facts.kv_tokens - worker.free.kv_tokens
    assert told["carrel_sequences_capacity", replica] == facts.max_sequences
    assert told["carrel_worker_restarts_total", replica] == 0
    await models.close()


async def test_commits_of_the_ledger_are_timed_also_those_that_fail(still: FakeClock):
    counting, below = Counting(), FakeLedger()
    ledger = MeteredLedger(below, counting, still)
    await ledger.settle("req_1", Outcome.CANCELLED, Meters())
    below.settle_error = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await ledger.settle("req_2", Outcome.COMPLETED, Meters())
    assert counting.commits["settle"].total == 2
    assert dict(counting.settled) == {("cancelled",): 1}
    assert list(below.settled) == ["req_1"]


async def test_names_keep_to_the_conventions_and_nobody_is_named(still: FakeClock):
    counting = Counting()
    counting.ended(ended(still))
    counting.answered("/v1/models", 200)
    await MeteredLedger(FakeLedger(), counting, still).settle("req_1", Outcome.COMPLETED, Meters())
    queue = DispatchQueue(QueueLimits(8), clock=still)
    queue.join("m", work(1), [FakeSource()], Share(Caller("key_9", "ada", "nlp")))
    text = Metrics(box(counting, queue=queue, models=Shelf().service())).text()
    labels = {name for _, pairs in samples(text) for name, _ in pairs}
    assert labels <= {
        "model",
        "class",
        "outcome",
        "endpoint",
        "status",
        "state",
        "replica",
        "change",
        "le",
        "version",
    }
    assert not re.search(rb"key_9|ada|nlp|req_", text)
    for family in text_string_to_metric_families(text.decode()):
        assert re.match(r"(carrel|process)_[a-z_]+\Z", family.name), family.name
        if family.type == "histogram":
            assert family.name.endswith("_seconds"), family.name


def test_a_distribution_counts_into_the_class_that_is_long_enough():
    times = Distribution((1.0, 2.0))
    for one in (0.5, 1.0, 1.5, 9.0):
        times.add(one)
    assert times.counts == [2, 1, 1]
    other = Distribution((1.0, 2.0))
    other.merge(times)
    assert (other.counts, other.sum_s, other.total) == ([2, 1, 1], 12.0, 4)
