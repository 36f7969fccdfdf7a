"""A worker says that it lives, how far it has loaded and what memory it has; one that stops is noticed."""

import os
import signal
from pathlib import Path

import pytest

from appliance.domain.model import ModelState
from appliance.engines.base import Finished
from appliance.workers.hanging import HangRule
from appliance.workers.resident import resident_bytes

pytestmark = pytest.mark.slow

IMPATIENT = HangRule(silence_s=0.5, step_s=0.5, beat_s=0.05)


async def test_an_idle_worker_that_is_stopped_is_noticed_and_replaced(start_replica, spec, changes, log):
    replica = await start_replica(spec(), hang=IMPATIENT)
    stopped = replica.pid
    os.kill(stopped, signal.SIGSTOP)
    await changes.until(lambda: replica.state is ModelState.RESTARTING)
    assert "no sign of life" in replica.reason
    await changes.until(lambda: replica.state is ModelState.READY)
    assert replica.pid != stopped


async def test_a_stuck_step_is_noticed_although_the_heart_beats(
    *, start_replica, spec, work, read_all, changes, log
):
    replica = await start_replica(spec(hang_after_tokens=3), hang=IMPATIENT)
    assert (await read_all(replica.open(work(max_tokens=100))))[-1].code == "replica_failed"
    await changes.until(lambda: replica.state is ModelState.READY)
    assert "one step lasted" in str(log.events("child_ended")[0]["reason"])


async def test_a_long_step_that_beats_is_within_a_patient_rule(start_replica, spec, work, read_all):
    rule = HangRule(silence_s=0.5, step_s=30, beat_s=0.05)
    replica = await start_replica(spec(step_delay_ms=1200), hang=rule)
    assert isinstance((await read_all(replica.open(work(max_tokens=1))))[-1], Finished)
    assert replica.restarts == 0


async def test_loading_is_told_part_by_part_and_starts_over_with_the_process(
    make_replica, spec, changes, work, read_all
):
    replica = make_replica(spec(load_delay_ms=1500, die_after_tokens=0))
    parts: list[float] = []
    told = changes.__call__

    def note() -> None:
        parts.append(replica.loading_part)
        told()

    replica._changed = note
    assert replica.loading_part == 0.0
    await replica.start()
    assert replica.loading_part == 1.0
    assert parts == sorted(parts)
    assert len({part for part in parts if 0 < part < 1}) >= 2
    await read_all(replica.open(work()))
    await changes.until(lambda: replica.state is ModelState.RESTARTING)
    assert replica.loading_part < 1.0


async def test_the_memory_of_a_worker_is_known_while_it_lives(start_replica, spec, work, read_all):
    replica = await start_replica(spec(), hang=IMPATIENT)
    await read_all(replica.open(work()))
    of_the_kernel = int(Path(f"/proc/{replica.pid}/statm").read_text().split()[1]) * os.sysconf(
        "SC_PAGE_SIZE"
    )
    assert replica.memory_bytes == pytest.approx(of_the_kernel, rel=0.5)
    await replica.stop()
    assert replica.memory_bytes == 0


def test_resident_memory_is_that_of_this_process():
    assert 2**20 < resident_bytes() < 2**36
