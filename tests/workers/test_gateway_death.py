"""When the gateway dies, even by SIGKILL, its children die with it."""

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

# A gateway that prints its child's pid at a moment of its life, and then waits.
GATEWAY = """
import asyncio, sys
from appliance.engines.base import EngineSpec
from appliance.workers.replica import Replica
sys.path.insert(0, sys.argv[1])
from conftest import MachineClock, RecordedLog

async def main():
    _, _, python_path, act, moment = sys.argv
    log = RecordedLog()
    replica = Replica(
        EngineSpec("rogue", "/nowhere", 64, 64, 1, options={"act": act}), clock=MachineClock(), log=log,
        child_environment={"PYTHONPATH": python_path}, on_change=lambda: None,
    )
    starting = asyncio.create_task(replica.start())
    while replica.pid is None or not (moment == "launched" or log.events(moment)):
        await asyncio.sleep(0)
    print(replica.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("act", "moment"),
    [("load-for-ever", "launched"), ("load-for-ever", "child_printed"), ("", "child_ready")],
    ids=["just-launched", "while-loading", "while-idle"],
)
def test_children_die_with_a_gateway_that_is_killed(request, rogue_environment, act, moment):
    gateway = subprocess.Popen(
        [
            sys.executable,
            "-c",
            GATEWAY,
            str(request.path.parent),
            rogue_environment["PYTHONPATH"],
            act,
            moment,
        ],
        stdout=subprocess.PIPE,
    )
    with gateway:
        child = os.pidfd_open(int(gateway.stdout.readline()))
        try:
            assert not select.select([child], [], [], 0)[0]
            gateway.kill()
            # A pidfd is readable once its process has ended.
            assert select.select([child], [], [], 10)[0]
        finally:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(child, signal.SIGKILL)
            os.close(child)
