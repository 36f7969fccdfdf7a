"""Memory of a worker together with the processes that it has started."""

import os
import subprocess
import sys

import pytest

from appliance.workers.resident import group_of, peak_bytes, resident_bytes

MIB = 2**20
LEADER = """
import subprocess, sys
from appliance.workers.resident import group_of, peak_bytes, resident_bytes
alone = resident_bytes(), peak_bytes()
member = "x = bytearray(64 * 2**20); del x; print(flush=True); input()"
made = subprocess.Popen([sys.executable, "-c", member], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
made.stdout.readline()
print(*alone, resident_bytes(), peak_bytes(), made.pid, flush=True)
input()
made.communicate(b"\\n")
"""


@pytest.fixture
def leader():
    """A process that leads a group and has started one member, and what it says of itself."""
    command = [sys.executable, "-c", LEADER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as process:
        yield process, [int(word) for word in process.stdout.readline().split()]
        process.communicate("\n")


def test_memory_of_a_group_is_that_of_all_its_processes(leader):
    _, (resident, peak, resident_of_both, peak_of_both, _) = leader
    assert MIB < resident <= peak
    assert peak_of_both - peak > 64 * MIB
    assert MIB < resident_of_both - resident < 64 * MIB


def test_a_group_is_known_by_the_process_that_it_began_with(leader):
    process, (*_, member) = leader
    assert group_of(process.pid) == {process.pid, member}
    assert os.getpid() in group_of(os.getpgrp())
    assert process.pid not in group_of(os.getpgrp())
    assert resident_bytes() <= peak_bytes()


async def test_a_worker_tells_the_most_memory_that_it_had_until_it_was_ready(start_replica, spec):
    replica = await start_replica(spec())
    assert 5 * MIB < replica.peak_bytes < 1024 * MIB
    assert replica.pids == {replica.pid}
    await replica.stop()
    assert replica.pids == frozenset()
