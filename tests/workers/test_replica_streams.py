"""A replica's streams: what comes out of them, what they hold, how they are ended by those who use them."""

import asyncio

import pytest

from appliance.domain.generation import FinishReason
from appliance.domain.model import ModelState
from appliance.engines.base import Failed, Finished, Free, Tokens

pytestmark = pytest.mark.slow


async def test_a_stream_has_the_tokens_and_then_the_end_of_its_choice(start_replica, spec, work, read_all):
    replica = await start_replica(spec(answer="Guten Tag"))
    events = await read_all(replica.open(work(max_tokens=100)))
    assert "".join(event.text for event in events) == "Guten Tag"
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.STOP
    assert all(isinstance(event, Tokens) for event in events[:-1])


async def test_a_stream_of_several_choices_ends_after_the_last(start_replica, spec, work, read_all):
    replica = await start_replica(spec())
    events = await read_all(replica.open(work(n=3)))
    assert sorted(event.choice for event in events if isinstance(event, Finished)) == [0, 1, 2]


async def test_many_streams_run_at_once_and_each_has_its_own_events(start_replica, spec, work, read_all):
    replica = await start_replica(spec(step_delay_ms=1))
    streams = [replica.open(work(number, max_tokens=20 + number)) for number in range(8)]
    assert replica.running == 8
    for number, events in enumerate(await asyncio.gather(*map(read_all, streams))):
        assert {event.id for event in events} == {number}
        assert events[-1].completion_tokens == 20 + number
    assert replica.running == 0


async def test_what_is_dispatched_counts_before_the_worker_has_heard_of_it(
    start_replica, spec, work, read_all
):
    replica = await start_replica(spec(kv_tokens=100, max_sequences=4))
    assert replica.free == Free(100, 4)
    stream = replica.open(work(1, max_tokens=10, n=2))
    assert replica.free == Free(100 - 2 - 20, 2)
    replica.open(work(2, max_tokens=60))
    assert replica.free == Free(100 - 22 - 62, 1)
    await read_all(stream)


async def test_the_end_of_a_work_frees_its_capacity_and_says_so(start_replica, spec, work, read_all, changes):
    replica = await start_replica(spec(kv_tokens=100))
    stream = replica.open(work(max_tokens=50))
    await changes.until(lambda: replica.free == Free(100, 16))
    assert isinstance((await read_all(stream))[-1], Finished)


async def test_cancelling_in_the_middle_frees_capacity_and_still_finishes(
    start_replica, spec, work, read_all, changes
):
    replica = await start_replica(spec(step_delay_ms=2))
    stream = replica.open(work(max_tokens=4000))
    first = await anext(stream)
    assert isinstance(first, Tokens)
    stream.cancel()
    stream.cancel()
    events = await read_all(stream)
    assert events[-1].reason is FinishReason.CANCELLED
    assert events[-1].completion_tokens < 4000
    await changes.until(lambda: replica.free == Free(40_000, 16))
    stream.cancel()


async def test_work_that_can_never_fit_fails_with_the_engines_reason(start_replica, spec, work, read_all):
    replica = await start_replica(spec(kv_tokens=100))
    (failed,) = await read_all(replica.open(work(max_tokens=2000)))
    assert isinstance(failed, Failed)
    assert failed.code == "does_not_fit"
    assert replica.running == 0


async def test_a_consumer_that_does_not_read_loses_its_stream_and_no_one_elses(
    start_replica, spec, work, read_all, changes
):
    replica = await start_replica(spec(step_delay_ms=1), most_unread=5)
    idle = replica.open(work(1, max_tokens=4000))
    busy = replica.open(work(2, max_tokens=300))
    assert len(await read_all(busy)) == 301
    await changes.until(lambda: replica.running == 0)
    events = await read_all(idle)
    assert all(isinstance(event, Tokens) for event in events[:-1])
    assert len(events) == 6
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "request_timeout"
    assert 5 < events[-1].completion_tokens < 300


async def test_a_burst_of_frames_is_no_fault_of_a_consumer_that_reads(start_replica, spec, work, read_all):
    replica = await start_replica(spec(), most_unread=16)
    events = await read_all(replica.open(work(max_tokens=4000)))
    assert isinstance(events[-1], Finished)
    assert len(events) == 4001


async def test_a_replica_that_is_not_ready_takes_nothing_and_fails_what_is_sent(
    make_replica, spec, work, read_all
):
    replica = make_replica(spec())
    assert replica.state is ModelState.AVAILABLE
    assert replica.free == Free(0, 0)
    (failed,) = await read_all(replica.open(work()))
    assert failed.code == "replica_failed"


async def test_stopping_fails_what_runs_and_ends_the_process(start_replica, spec, work, read_all):
    replica = await start_replica(spec(step_delay_ms=2))
    stream = replica.open(work(max_tokens=4000))
    await anext(stream)
    await replica.stop()
    assert isinstance((await read_all(stream))[-1], Failed)
    assert replica.state is ModelState.AVAILABLE
    assert replica.pid is None


async def test_an_idle_process_that_is_stopped_exits_by_itself(start_replica, spec, log):
    replica = await start_replica(spec())
    await replica.stop()
    assert [fields["how"] for fields in log.events("child_ended")] == ["exited with status 0"]


async def test_a_stopped_replica_can_be_started_again(start_replica, spec, work, read_all):
    replica = await start_replica(spec())
    await replica.stop()
    await replica.start()
    assert isinstance((await read_all(replica.open(work())))[-1], Finished)


async def test_a_prompt_too_long_for_a_frame_fails_alone(start_replica, spec, work, read_all):
    replica = await start_replica(spec())
    (failed,) = await read_all(replica.open(work(prompt=(2**31 - 1,) * 2**22)))
    assert failed.code == "context_length_exceeded"
    assert isinstance((await read_all(replica.open(work(2))))[-1], Finished)
