"""The process that downloads: it dies with its order and its parent, and what it had stays."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from appliance.domain.download import Fetched, FetchProgress
from appliance.domain.source import WeightSource
from appliance.errors import NotAllowed, NotFound, Offline, OutboundFailed
from appliance.outbound.switch import Switch
from appliance.weights.fetching.process import FetchProcess

pytestmark = pytest.mark.slow

MIB = 2**20


@pytest.fixture
def fetcher(tmp_path):
    return FetchProcess(tmp_path / "home")


async def fetched(fetcher, order):
    async with fetcher.fetch(order) as events:
        return [event async for event in events]


def children():
    """Process ids of the children that fetch."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(one) for one in found if b"weights.fetching" in Path(f"/proc/{one}/cmdline").read_bytes()]


async def test_an_order_is_carried_out_and_its_progress_heard(fetcher, desk):
    events = await fetched(fetcher, desk.order(desk.at_hub))
    assert desk.has()
    assert events[-1] == Fetched()
    assert events[-2] == FetchProgress(desk.file().size_bytes, desk.file().size_bytes, desk.at_hub.label)
    assert not children()


async def test_a_kill_costs_no_more_than_a_block_a_connection(fetcher, desk):
    desk.hub.switches.stall_after = 5 * MIB + 1000

    async def kill():
        async with fetcher.fetch(desk.order(desk.at_mirror)) as events:
            async for event in events:
                if isinstance(event, FetchProgress) and event.fetched_bytes > 5 * MIB:
                    os.kill(children()[0], signal.SIGKILL)

    with pytest.raises(OutboundFailed, match="without a word"):
        await kill()
    desk.hub.switches.stall_after = -1
    events = await fetched(fetcher, desk.order(desk.at_mirror))
    assert desk.has()
    assert events[-2].fetched_bytes == desk.file().size_bytes - 5 * MIB


async def test_leaving_ends_the_process_and_the_next_one_goes_on(fetcher, desk):
    desk.hub.switches.stall_after = 5 * MIB
    async with fetcher.fetch(desk.order(desk.at_mirror)) as events:
        async for event in events:
            if isinstance(event, FetchProgress) and event.fetched_bytes == 5 * MIB:
                break
        assert children()
    assert not children()
    desk.hub.switches.stall_after = -1
    assert (await fetched(fetcher, desk.order(desk.at_mirror)))[-2].fetched_bytes < 5 * MIB


async def test_the_end_of_its_input_ends_it(fetcher, desk):
    desk.hub.switches.stall_after = MIB
    process = await fetcher._start()
    process.stdin.write(msgspec.json.encode(desk.order(desk.at_mirror)) + b"\n")
    await process.stdout.readline()
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_errors_come_over_as_they_are(fetcher, desk, tmp_path):
    desk.hub.switches.gated["lab/tiny"] = {"hf_let_in"}
    with pytest.raises(NotAllowed, match="ask for access"):
        await fetched(fetcher, desk.order(desk.at_hub))
    desk.hub.switches.captive = True
    with pytest.raises(OutboundFailed, match="login first") as raised:
        await fetched(fetcher, desk.order(desk.at_mirror))
    assert raised.value.trouble == "page"
    with pytest.raises(NotFound, match="names no place"):
        await fetched(fetcher, replace(desk.order(), sources=()))


async def test_the_token_comes_from_its_file(fetcher, desk, tmp_path):
    token = tmp_path / "token"
    order = replace(desk.order(desk.at_hub), token=str(token))
    with pytest.raises(NotAllowed, match="cannot be read"):
        await fetched(fetcher, order)
    token.write_text(" \n")
    with pytest.raises(NotAllowed, match="holds no token"):
        await fetched(fetcher, order)
    token.write_text("hf_let_in\n")
    desk.hub.switches.gated["lab/tiny"] = {"hf_let_in"}
    await fetched(fetcher, order)
    assert desk.has()


async def test_offline_asks_folders_only(desk, tmp_path, shelf):
    fetcher = FetchProcess(tmp_path / "home", switch=Switch(setting=True))
    with pytest.raises(Offline):
        await fetched(fetcher, desk.order(desk.at_hub, desk.at_mirror))
    stick = WeightSource("folder", folder=str(shelf / "lab" / "tiny"))
    await fetched(fetcher, desk.order(desk.at_hub, stick))
    assert desk.has()
    assert not desk.hub.seen
