"""The power goes under the whole gateway: what HTTP clients were told is in its ledger."""

import asyncio
import random
import re
from itertools import chain

import pytest

from tests.durability.cutting import faults_after_cuts
from tests.durability.gateway_box import GatewayBox
from tests.durability.history import Fate, Told
from tests.durability.strace_log import read_log, recording
from tests.required import require_strace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REQUESTS, CLIENTS, CUTS = 30, 6, 20
ANSWER = b'"completion_tokens":'
REQUEST_ID = re.compile(rb"x-request-id: (req_[0-9a-f]+)", re.IGNORECASE)
COUNTS = re.compile(rb'"prompt_tokens":(\d+),"completion_tokens":(\d+)')


@pytest.fixture
def needs_strace():
    require_strace()


async def recorded(folder, synchronous="FULL"):
    box = GatewayBox(folder, under=recording(folder / "log"), synchronous=synchronous)
    try:
        await box.start()
        asks = [await box.client() for _ in range(CLIENTS)]

        async def live(ask):
            return [await ask() for _ in range(REQUESTS // CLIENTS)]

        answers = [*chain(*await asyncio.gather(*map(live, asks)))]
    finally:
        await box.kill()
    assert {one.fate for one in answers} == {Fate.ACKNOWLEDGED}
    assert {(await ask()).fate for ask in asks} == {Fate.UNKNOWN}
    return read_log(folder / "log", box.database.parent), box.database, answers


def hear(said):
    """Requests whose counts went out: the last thing before a body's end or ``[DONE]``."""
    ids, heard = {}, {}
    for one in said:
        for found in REQUEST_ID.finditer(one.data):
            ids[one.path] = found[1].decode()
        for found in COUNTS.finditer(one.data):
            name = ids[one.path]
            heard[name] = Told(name, Fate.ACKNOWLEDGED, int(found[1]), int(found[2]))
    return list(heard.values())


async def test_a_power_cut_loses_nothing_that_a_client_was_told(needs_strace, tmp_path):
    events, database, answers = await recorded(tmp_path)
    everything = hear(
        [event for event in events if hasattr(event, "data") and event.path.startswith("socket")]
    )
    assert sorted(everything, key=lambda one: one.request_id) == sorted(
        answers, key=lambda one: one.request_id
    )
    found = await faults_after_cuts(
        events, database, hear, answer=ANSWER, cuts=CUTS, chance=random.Random(2), folder=tmp_path
    )
    assert found == {}


async def test_a_gateway_that_does_not_sync_is_seen_to_lose_rows(needs_strace, tmp_path):
    events, database, _ = await recorded(tmp_path, "OFF")
    found = await faults_after_cuts(
        events, database, hear, answer=ANSWER, cuts=CUTS, chance=random.Random(2), folder=tmp_path
    )
    assert len(found) > 5
