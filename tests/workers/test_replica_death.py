"""A worker that dies, hangs or breaks its contract is replaced; its own streams are told at once."""

import asyncio
import os
import signal
import time

import pytest

from appliance.domain.model import ModelState
from appliance.engines.base import Failed, Finished, Free, Tokens
from appliance.errors import Conflict, ReplicaFailed
from appliance.workers.hanging import HangRule
from appliance.workers.restart import RestartPolicy
from appliance.workers.supervision import ChildSettings

pytestmark = pytest.mark.slow

TOLD_WITHIN_S = 2.0
IMPATIENT = HangRule(silence_s=0.5, step_s=0.5, beat_s=0.05)


async def _served_again(replica, changes, work, read_all) -> None:
    await changes.until(lambda: replica.state is ModelState.READY)
    assert isinstance((await read_all(replica.open(work(99, max_tokens=1))))[-1], Finished | Failed)


@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT], ids=lambda one: one.name)
async def test_a_killed_worker_fails_its_eight_streams_at_once_and_serves_again(
    *, start_replica, spec, work, read_all, changes, log, deadly
):
    replica = await start_replica(spec(step_delay_ms=1))
    streams = [replica.open(work(number, max_tokens=4000)) for number in range(8)]
    firsts = [await anext(stream) for stream in streams]
    assert all(isinstance(first, Tokens) for first in firsts)

    first_pid, killed_s = replica.pid, time.monotonic()
    os.kill(first_pid, deadly)
    endings = [events[-1] for events in await asyncio.gather(*map(read_all, streams))]

    assert time.monotonic() - killed_s < TOLD_WITHIN_S
    assert [ending.code for ending in endings] == ["replica_failed"] * 8
    assert all(ending.completion_tokens >= 1 for ending in endings)
    await changes.until(lambda: replica.state is ModelState.READY)
    assert replica.pid != first_pid
    assert replica.restarts == 1
    assert replica.free == Free(40_000, 16)
    assert isinstance((await read_all(replica.open(work(9))))[-1], Finished)
    assert deadly.name in str(log.events("child_ended")[0]["how"])


async def test_the_failure_counts_every_token_that_was_sampled(start_replica, spec, work, read_all):
    replica = await start_replica(spec(die_after_tokens=20))
    events = await read_all(replica.open(work(max_tokens=100)))
    assert events[-1].completion_tokens == sum(len(event.ids) for event in events[:-1]) == 20


async def test_a_runner_that_says_it_is_broken_is_replaced(start_replica, spec, work, read_all, changes):
    replica = await start_replica(spec(fail_after_tokens=5))
    assert (await read_all(replica.open(work(max_tokens=100))))[-1].code == "replica_failed"
    await changes.until(lambda: replica.state is ModelState.READY)
    assert replica.restarts == 1


@pytest.mark.parametrize("act", ["garbage", "too-large", "unfit", "wrong-choice", "endless-time"])
async def test_a_frame_against_the_protocol_is_the_end_of_that_worker(
    *, start_replica, spec, work, read_all, changes, rogue_environment, log, act
):
    replica = await start_replica(spec("rogue", act=act), child_environment=rogue_environment)
    first_pid = replica.pid
    assert (await read_all(replica.open(work(max_tokens=100))))[-1].code == "replica_failed"
    await _served_again(replica, changes, work, read_all)
    assert replica.pid != first_pid
    assert "frame protocol" in str(log.events("child_ended")[0]["reason"])


@pytest.mark.parametrize(
    "options", [{"hang_after_tokens": 3}, {"engine": "rogue", "act": "stopped"}], ids=str
)
async def test_a_worker_that_hangs_is_killed_after_its_deadline(
    *, start_replica, spec, work, read_all, changes, rogue_environment, log, options
):
    replica = await start_replica(spec(**options), child_environment=rogue_environment, hang=IMPATIENT)
    assert (await read_all(replica.open(work(max_tokens=100))))[-1].code == "replica_failed"
    await changes.until(lambda: replica.state is ModelState.READY)
    assert "hung" in str(log.events("child_ended")[0]["reason"])


async def test_a_long_answer_is_no_hang(start_replica, spec, work, read_all):
    replica = await start_replica(spec(step_delay_ms=5), hang=IMPATIENT)
    assert isinstance((await read_all(replica.open(work(max_tokens=150))))[-1], Finished)
    assert replica.restarts == 0


async def test_a_worker_that_reads_nothing_does_not_hold_up_the_gateway(
    *, start_replica, spec, work, read_all, changes, log
):
    replica = await start_replica(spec(context_tokens=2**24), settings=ChildSettings(write_deadline_s=0.3))
    os.kill(replica.pid, signal.SIGSTOP)
    began_s = time.monotonic()
    stream = replica.open(work(prompt=(70_000,) * 2_000_000))
    assert time.monotonic() - began_s < 1
    assert (await read_all(stream))[-1].code == "replica_failed"
    await changes.until(lambda: replica.state is ModelState.READY)
    assert "did not read" in str(log.events("child_ended")[0]["reason"])


async def test_a_worker_that_dies_five_times_is_given_up(
    *, start_replica, spec, work, read_all, changes, log
):
    settings = ChildSettings(restarts=RestartPolicy(base_s=0.01))
    replica = await start_replica(spec(die_after_tokens=0), settings=settings)
    for number in range(5):
        await changes.until(lambda: replica.state is ModelState.READY)
        assert (await read_all(replica.open(work(number))))[-1].code == "replica_failed"
    await changes.until(lambda: replica.state is ModelState.FAILED)
    assert replica.free == Free(0, 0)
    assert replica.restarts == 4
    assert "died 5 times within 10 minutes and is not started again" in replica.reason
    assert log.events("child_given_up")
    assert (await read_all(replica.open(work(6))))[-1].code == "replica_failed"


async def test_a_worker_that_says_why_it_cannot_load_is_not_started_twice(make_replica, spec, log):
    replica = make_replica(spec(fail_load=True))
    with pytest.raises(ReplicaFailed, match="told not to load"):
        await replica.start()
    assert replica.state is ModelState.FAILED
    assert replica.reason == "The fake engine was told not to load."
    assert len(log.events("child_ended")) == 1


async def test_an_unknown_engine_is_named_in_the_reason(make_replica, spec):
    with pytest.raises(ReplicaFailed, match="no engine 'absent'"):
        await make_replica(spec("absent")).start()


async def test_a_worker_that_dies_while_loading_is_tried_again_and_then_given_up(
    make_replica, spec, rogue_environment, log
):
    settings = ChildSettings(restarts=RestartPolicy(base_s=0.01, deaths=3))
    replica = make_replica(
        spec("rogue", act="die-loading"), child_environment=rogue_environment, settings=settings
    )
    with pytest.raises(ReplicaFailed, match="died"):
        await replica.start()
    assert replica.state is ModelState.FAILED
    assert len(log.events("child_ended")) == 3


async def test_a_model_that_does_not_load_in_time_is_given_up(make_replica, spec):
    replica = make_replica(spec(load_delay_ms=60_000), settings=ChildSettings(load_deadline_s=0.5))
    with pytest.raises(ReplicaFailed, match="did not load"):
        await replica.start()


async def test_stopping_ends_a_worker_that_still_loads(make_replica, spec, changes):
    replica = make_replica(spec(load_delay_ms=60_000))
    starting = asyncio.create_task(replica.start())
    await changes.until(lambda: replica.state is ModelState.LOADING)
    await replica.stop()
    with pytest.raises(ReplicaFailed, match="stopped"):
        await starting
    assert replica.state is ModelState.AVAILABLE
    assert replica.pid is None


@pytest.mark.parametrize("turns", [1, 2, 3, 4, 5, 6, 8, 12, 20])
async def test_stopping_at_any_moment_of_the_launch_leaves_no_process(make_replica, spec, log, turns):
    replica = make_replica(spec(load_delay_ms=60_000))
    starting = asyncio.create_task(replica.start())
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await replica.stop()
    with pytest.raises(ReplicaFailed, match="stopped"):
        await starting
    assert replica.pid is None


async def test_stopping_does_not_wait_for_the_next_restart(start_replica, spec, work, read_all, changes):
    settings = ChildSettings(restarts=RestartPolicy(base_s=60, most_s=60))
    replica = await start_replica(spec(die_after_tokens=0), settings=settings)
    for number in range(2):
        await changes.until(lambda: replica.state is ModelState.READY)
        await read_all(replica.open(work(number)))
    await changes.until(lambda: replica.state is ModelState.RESTARTING)
    async with asyncio.timeout(10):
        await replica.stop()
    assert replica.state is ModelState.AVAILABLE


async def test_starting_twice_is_refused(start_replica, spec):
    replica = await start_replica(spec())
    with pytest.raises(Conflict):
        await replica.start()


async def test_an_error_in_a_worker_reaches_the_log_without_the_prompt_in_it(
    *, start_replica, spec, work, read_all, changes, rogue_environment, log
):
    replica = await start_replica(spec("rogue", act="exception"), child_environment=rogue_environment)
    await read_all(replica.open(work()))
    await changes.until(lambda: replica.state is ModelState.READY)
    printed = " ".join(str(fields["line"]) for fields in log.events("child_printed"))
    assert "ValueError" in printed
    assert "rogue_engine.py" in printed
    assert "Wendelin" not in str(log.records)
