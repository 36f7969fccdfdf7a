"""A viewer of a real box sees what happens, and keeps it neither busy nor from stopping."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from appliance.client.operator import OperatorClient, Seen
from appliance.domain.watching import Topic
from appliance.errors import GatewayNotRunning
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

TOPICS = tuple(
    Topic(name)
    for name in (
        "status", "model.list", "download.list", "gpu.list",
        "person.list", "class.list", "incident.list", "access.queue",
    )
)  # fmt: skip
MOST_OF_A_CORE = 0.05
"""It is a fourth of that on a machine that does nothing else."""


@pytest.fixture
def watched(tmp_path: Path):
    box = RealBox(tmp_path, extra={"CARREL_DRAIN_TIMEOUT_S": "30"}).start()
    yield box
    box.stop()


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def last_of(events: AsyncIterator[Seen]) -> None:
    async for _ in events:
        pass


async def test_eight_topics_a_second_cost_little_and_hold_up_no_end(watched: RealBox):
    client = OperatorClient(watched.home / "box" / "run" / "admin.sock")
    async with aclosing(client.watch(TOPICS)) as events:
        first = [await anext(events) for _ in TOPICS]
        assert {one.topic for one in first} == set(TOPICS)
        assert [one.error for one in first if one.error] == []

        began, used = time.monotonic(), processor_s(watched.process.pid)
        while time.monotonic() < began + 5:
            await anext(events)
        share = (processor_s(watched.process.pid) - used) / (time.monotonic() - began)
        print(f"one viewer of {len(TOPICS)} topics a second: {share:.2%} of a core")
        assert share < MOST_OF_A_CORE

        asked = time.monotonic()
        await client.run("down")
        with pytest.raises(GatewayNotRunning):
            await last_of(events)
        await asyncio.to_thread(watched.process.wait, 30)
        assert time.monotonic() - asked < 15
    await client.close()
