"""A larger download through everything at once: cuts, kills, a full disk."""

import hashlib
import os
import random
import signal
from pathlib import Path

import pytest

from appliance.domain.download import Fetched, FetchOrder, FetchProgress
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import OutboundFailed
from appliance.weights.blobs import BlobStore
from appliance.weights.fetching.process import FetchProcess
from scripts.local_hub import LocalHub

SIZE = 64 * 2**20
MIB = 2**20


def child() -> int:
    """The one that fetches."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    (one,) = [pid for pid in found if b"weights.fetching" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return int(one)


@pytest.mark.slow
@pytest.mark.parametrize("connections", [1, 4])
async def test_thirty_cuts_and_two_kills_end_with_the_right_bytes(tmp_path, connections):
    chance = random.Random(connections)
    place = tmp_path / "hub" / "lab" / "big" / "model.gguf"
    place.parent.mkdir(parents=True)
    place.write_bytes(chance.randbytes(SIZE))
    models = tmp_path / "models"
    models.mkdir()
    kills = [SIZE // 4, SIZE // 2]
    fetched: list[int] = []
    troubles: set[str] = set()

    async def attempt(order):
        fetched.append(0)
        async with FetchProcess(tmp_path / "home").fetch(order) as events:
            async for event in events:
                if isinstance(event, FetchProgress):
                    fetched[-1] = event.fetched_bytes
                    if kills and event.verified_bytes >= kills[0]:
                        kills.pop(0)
                        os.kill(child(), signal.SIGKILL)
                if isinstance(event, Fetched):
                    return True
        raise AssertionError

    with LocalHub(tmp_path / "hub") as hub:
        found = hub.file("lab/big", "model.gguf")
        hub.switches.cuts = sorted(chance.randrange(SIZE) for _ in range(30))
        hub.switches.redirect_to = "cdn"
        hub.switches.bytes_s = 40 * MIB
        order = FetchOrder(
            (RecipeFile("model.gguf", SIZE, found.sha256),),
            (WeightSource("hub", repository="lab/big", commit=hub.commit("lab/big")),),
            str(models),
            hub.address,
            connections=connections,
        )
        done = False
        while not done:
            try:
                done = await attempt(order)
            except OutboundFailed as error:
                troubles.add(error.trouble)
        assert hub.cutter.done == 30
    assert troubles == {"ended"}
    assert not kills
    assert hashlib.sha256(BlobStore(models).blob(found.sha256).read_bytes()).hexdigest() == found.sha256
    # The last word of a killed process may be a quarter of a second old.
    assert sum(fetched) <= 1.1 * SIZE
    assert hub.sent_bytes <= 1.25 * SIZE
