"""What the box is seen to do from second to second."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import ServiceClass
from appliance.domain.hardware import GpuSample
from appliance.errors import BudgetExhausted, NotPermitted, PersonLimitReached, RateLimited
from appliance.services.pulse.lately import PEOPLE_S
from tests.generation.fakes import CALLER
from tests.generation.pulse_fakes import GIB, WatchedBox, heard

BOB = replace(CALLER, key_id="k2", person_id="bob")


@pytest.fixture
def watched(box):
    return WatchedBox(box)


async def test_tokens_count_while_the_answer_is_written_and_once(watched):
    run = await watched.ask()
    stream = await watched.asked_stream()
    for text in "abc":
        stream.token(text)
    await heard(run, 3)
    watched.second()
    stream.token("d")
    stream.finish()
    await run.ended()
    watched.second(2)
    assert (await watched.pulse()).tokens_per_s == (3.0, 1.0, 0.0)


async def test_requests_count_when_they_are_accepted(watched):
    watched.second()
    first, second = await watched.ask(), await watched.ask()
    watched.second()
    for index, run in enumerate((first, second)):
        (await watched.asked_stream(index)).finish()
        await run.ended()
    watched.second()
    assert (await watched.pulse()).requests_per_s == (0.0, 2.0, 0.0)


async def test_what_came_and_went_within_a_second_is_counted_too(watched):
    run = await watched.ask()
    stream = await watched.asked_stream()
    stream.token("a")
    stream.finish()
    await run.ended()
    watched.second()
    found = await watched.pulse()
    assert (found.requests_per_s, found.tokens_per_s) == ((1.0,), (1.0,))
    assert found.people_active == 1


async def test_a_rate_is_by_the_time_that_has_passed(watched):
    await watched.ask()
    watched.box.clock.at_s += 4.0
    watched.sampler.beat()
    assert (await watched.pulse(seconds=1)).requests_per_s == (0.25,)


async def test_who_waits_and_who_runs_is_seen(watched):
    for caller in (CALLER, CALLER, BOB):
        await watched.ask(caller)
    await watched.running(2)
    watched.box.clock.at_s += 6.0
    watched.sampler.beat()
    found = await watched.pulse(seconds=1)
    assert (found.running, found.waiting, found.longest_wait_s) == ((2,), (1,), 6)
    (model,) = found.models
    assert (model.model, model.people, model.running, model.waiting) == ("m", 2, 2, 1)


async def test_the_rate_of_a_model_is_over_five_seconds(watched):
    watched.second(10)
    run = await watched.ask()
    stream = await watched.asked_stream()
    for text in "abcdefghij":
        stream.token(text)
    await heard(run, 10)
    watched.second()
    assert [one.tokens_per_s for one in (await watched.pulse()).models] == [2.0]
    watched.second(5)
    assert [one.tokens_per_s for one in (await watched.pulse()).models] == [0.0]


async def test_models_that_serve_are_told_and_lent_ones_are_not(watched):
    watched.models.run("idle")
    watched.models.run("measured", lent=True)
    assert [(one.model, one.people, one.running) for one in (await watched.pulse()).models] == [
        ("idle", 0, 0)
    ]


async def test_a_person_is_active_for_a_quarter_of_an_hour_after_their_last_answer(watched):
    run = await watched.ask()
    (await watched.asked_stream()).finish()
    await run.ended()
    watched.second()
    watched.box.clock.at_s += PEOPLE_S - 2
    assert (await watched.pulse()).people_active == 1
    watched.box.clock.at_s += 2
    assert (await watched.pulse()).people_active == 0


async def test_nobody_is_remembered_for_longer_than_they_count_though_nobody_asks(watched):
    run = await watched.ask()
    (await watched.asked_stream()).finish()
    await run.ended()
    watched.tally.refused(type("Asked", (), {"caller": BOB})(), "preparing", RateLimited("."))
    watched.second()
    assert (len(watched.tally.active), len(watched.tally.limited)) == (1, 1)
    watched.box.clock.at_s += PEOPLE_S
    watched.sampler.beat()
    assert (len(watched.tally.active), len(watched.tally.limited)) == (0, 0)


async def test_who_sleeps_while_a_batch_runs_is_not_active(watched):
    await watched.ask(service_class=ServiceClass.OVERNIGHT)
    await watched.running(1)
    watched.box.clock.at_s += 6.0
    watched.sampler.beat()
    found = await watched.pulse(seconds=1)
    assert (found.running, found.people_active) == ((1,), 0)


async def test_nobody_waits_for_the_lines_of_a_batch(watched):
    for _ in range(3):
        await watched.ask(service_class=ServiceClass.OVERNIGHT)
    watched.box.clock.at_s += 6.0
    watched.sampler.beat()
    found = await watched.pulse(seconds=1)
    assert (found.longest_wait_s, found.waiting) == (0, (0,))
    assert [one.waiting for one in found.models] == [0]


@pytest.mark.parametrize("error", [RateLimited("."), PersonLimitReached("."), BudgetExhausted(".")])
async def test_whom_a_limit_refused_is_counted_once(watched, error):
    asked = type("Asked", (), {"caller": BOB})()
    for _ in range(2):
        watched.tally.refused(asked, "preparing", error)
    assert (await watched.pulse()).people_limited == 1


async def test_whom_something_else_refused_met_no_limit(watched):
    watched.tally.refused(type("Asked", (), {"caller": BOB})(), "license", NotPermitted("."))
    assert (await watched.pulse()).people_limited == 0


async def test_what_failed_and_is_charged_to_nobody_is_no_rate(watched):
    run = await watched.ask()
    stream = await watched.asked_stream()
    for text in "ab":
        stream.token(text)
    await heard(run, 2)
    watched.second()
    watched.tally.ended_tokens["m"] -= 5
    watched.second()
    assert (await watched.pulse()).tokens_per_s == (2.0, 0.0)


async def test_first_words_are_those_of_answers_that_ended(watched):
    run = await watched.ask()
    stream = await watched.asked_stream()
    watched.box.clock.at_s += 0.75
    stream.token("a")
    await heard(run, 1)
    assert (await watched.pulse()).first_word_median_ms is None
    stream.finish()
    await run.ended()
    found = await watched.pulse()
    assert (found.first_word_median_ms, found.first_word_p95_ms) == (750, 750)


async def test_the_machine_and_the_disk_are_told(watched):
    watched.host.percent = 12.34
    watched.second()
    found = await watched.pulse()
    assert (found.processor_percent, found.memory_used_bytes) == ((12.3,), (GIB,))
    assert (found.cores, found.memory_total_bytes) == (4, 8 * GIB)
    assert (found.disk_free_bytes, found.disk_total_bytes, found.disk_needed_bytes) == (100, 1000, 7)
    assert found.at_ms == watched.box.clock.now_ms()


async def test_a_second_is_looked_at_once(watched):
    watched.second()
    await watched.ask()
    watched.box.clock.at_s += 0.2
    watched.sampler.beat()
    watched.box.clock.at_s += 0.8
    watched.sampler.beat()
    assert (await watched.pulse()).requests_per_s == (0.0, 1.0)


async def test_looking_goes_on_at_the_beginning_of_each_second(watched):
    slept: list[float] = []

    async def sleep(delay_s: float) -> None:
        if len(slept) == 3:
            raise asyncio.CancelledError
        slept.append(delay_s)
        watched.box.clock.at_s += delay_s + 0.25

    with pytest.raises(asyncio.CancelledError):
        await watched.sampler.run(sleep)
    assert slept == [1.0, 0.75, 0.75]
    assert len((await watched.pulse()).running) == 3


async def test_the_history_of_a_gpu_has_holes_where_its_driver_was_silent(watched):
    watched.gpus.latest = (GpuSample(0, GIB, 90, 60, 300.0), GpuSample(1, GIB, 0, 30, None))
    watched.second(5)
    watched.gpus.latest = ()
    watched.second(5)
    found = await watched.service.history(minutes=10)
    assert [one.index for one in found.gpus] == [0, 1]
    assert found.gpus[0].temperature_c == (60, None)
    assert found.gpus[0].utilization_percent == (90, None)
    assert found.gpus[1].power_w == (None, None)
    assert found.gpus[1].memory_used_bytes == (GIB, None)
    assert (found.step_s, found.processor_percent) == (5, (25.0, 25.0))


async def test_a_machine_without_gpus_has_a_history_of_its_processor_and_memory(watched):
    watched.second(70)
    found = await watched.service.history(minutes=1)
    assert found.gpus == ()
    assert found.processor_percent == (25.0,) * 12
    assert found.memory_used_bytes == (GIB,) * 12
    assert found.memory_total_bytes == 8 * GIB


async def test_a_box_that_has_just_started_has_nothing_to_tell(watched):
    assert (await watched.pulse()).running == ()
    assert (await watched.service.history(minutes=10)).processor_percent == ()
