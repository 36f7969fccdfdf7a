"""The power goes at many moments: what was acknowledged is there, and the database opens."""

import asyncio
import random
from itertools import chain

import pytest

from tests.durability.cutting import faults_after_cuts
from tests.durability.history import Fate
from tests.durability.ledger_box import LedgerBox, told
from tests.durability.strace_log import Synced, read_log, recording
from tests.long_form import rounds
from tests.required import require_strace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REQUESTS, CLIENTS = 160, 8
ANSWER = b'"gflop"'


@pytest.fixture
def needs_strace():
    require_strace()


async def recorded(folder, synchronous):
    """Events of a run in which some clients were served."""
    box = LedgerBox(folder, synchronous=synchronous, under=recording(folder / "log"))
    await box.start()
    asks = [await box.client() for _ in range(CLIENTS)]

    async def live(ask):
        for _ in range(REQUESTS // CLIENTS):
            assert (await ask()).fate is Fate.ACKNOWLEDGED

    await asyncio.gather(*map(live, asks))
    await box.kill()
    assert {(await ask()).fate for ask in asks} == {Fate.UNKNOWN}
    return read_log(folder / "log", box.database.parent), box.database


def hear(said):
    return [told(line) for one in said if ANSWER in one.data for line in one.data.splitlines()]


async def faults(folder, synchronous, cuts):
    events, database = await recorded(folder, synchronous)
    checkpoints = [one for one in events if isinstance(one, Synced) and one.path == str(database)]
    assert len(checkpoints) > 2 or synchronous == "OFF"
    return await faults_after_cuts(
        events, database, hear, answer=ANSWER, cuts=cuts, chance=random.Random(1), folder=folder
    )


async def test_a_power_cut_loses_nothing_acknowledged(needs_strace, tmp_path):
    assert await faults(tmp_path, "FULL", cuts=rounds(200)) == {}


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_a_weaker_setting_is_seen_to_lose_rows(needs_strace, tmp_path, synchronous):
    cuts = rounds(50)
    found = await faults(tmp_path, synchronous, cuts)
    assert len(found) > 0.4 * cuts
    assert any("is lost" in fault or "does not open" in fault for fault in chain(*found.values()))
