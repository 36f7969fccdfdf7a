"""Four ways for a worker to die under load: clean errors, an exact ledger, and the model serves again."""

import asyncio
import os
import time

import httpx
import pytest

from tests.system.box import RealBox
from tests.system.mortal_box import DEATHS, Streams, die, mortal_box

STREAMS = 8
SILENCE_S = 1.5
TOLD_WITHIN_S = {"SIGSTOP": SILENCE_S + 2}


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    box = mortal_box(
        tmp_path_factory.mktemp("mortal"),
        hang={"silence_s": SILENCE_S, "beat_s": 0.1},
        restarts={"deaths": 5, "window_s": 600, "base_s": 0.05},
    ).start()
    box.carrel("model", "run", "neighbor")
    yield box
    box.stop()


@pytest.fixture(scope="module")
def key(box):
    return box.new_key()


@pytest.fixture
async def http(box: RealBox, key: str):
    async with httpx.AsyncClient(
        base_url=box.url + "/", headers={"authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    ) as client:
        yield client


def worker(box: RealBox) -> dict:
    (replica,) = box.carrel("model", "show", "mortal")["replicas"]
    return replica


def settled_rows(box: RealBox, ids: set[str]) -> dict[str, dict]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = [row for row in box.rows() if row["request_id"] in ids and row["outcome"] != "held"]
        if len(rows) == len(ids):
            return {row["request_id"]: row for row in rows}
    raise AssertionError(f"{len(rows)} of {len(ids)} requests were settled")


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEATHS)
async def test_a_death_under_load_gives_clean_errors_and_an_exact_ledger(box, http, kind):
    # A fresh model: what died in the test before does not count against this one.
    await asyncio.to_thread(box.carrel, "model", "stop", "mortal")
    await asyncio.to_thread(box.carrel, "model", "run", "mortal")
    for _ in range(2):
        pid = (await asyncio.to_thread(worker, box))["pid"]
        death = await die(Streams(http), kind, STREAMS, lambda one, pid=pid: os.kill(pid, one))
        *failed, after = death.streams
        for one in failed:
            assert one.error is not None
            assert set(one.error) >= {"message", "type", "param", "code", "request_id"}
            assert one.error["code"] == "replica_failed"
        assert max(death.errors_s) < TOLD_WITHIN_S.get(kind, 2.0)
        assert after.error is None
        rows = await asyncio.to_thread(settled_rows, box, {one.request_id for one in death.streams})
        for one in failed:
            assert one.chunks <= rows[one.request_id]["completion_tokens"] <= 3000
    budget = await asyncio.to_thread(box.carrel, "budget", "show")
    assert budget["held_micro"] == 0
    assert budget["spent_micro"] == sum(row["gflop"] for row in box.rows())
    if kind == "out-of-memory":
        reasons = await asyncio.to_thread(box.carrel, "logs", "--lines", "200")
        assert "more memory than its limit of 200 MiB" in str(reasons)


@pytest.mark.slow
async def test_a_model_that_keeps_dying_is_given_up_and_another_goes_on_serving(box, http):
    await asyncio.to_thread(box.carrel, "model", "stop", "mortal")
    await asyncio.to_thread(box.carrel, "model", "run", "mortal")
    neighbor = asyncio.create_task(_answers_without_end(Streams(http, "neighbor")))
    for death in range(5):
        pid = (await asyncio.to_thread(worker, box))["pid"]
        os.kill(pid, DEATHS["SIGKILL"])
        await _until(lambda gone=pid: worker(box)["pid"] not in {gone, None} or _state(box) == "failed")
        assert (_state(box) == "failed") is (death == 4)
    assert "died 5 times" in worker(box)["reason"]
    refused = await http.post(
        "chat/completions", json={"model": "mortal", "messages": [{"role": "user", "content": "Hi"}]}
    )
    assert refused.status_code == 503
    served_before = neighbor_served(box)
    await _until(lambda: neighbor_served(box) > served_before)
    neighbor.cancel()
    (other,) = box.carrel("model", "show", "neighbor")["replicas"]
    assert (other["state"], other["restarts"]) == ("ready", 0)


async def _answers_without_end(streams: Streams) -> None:
    from tests.system.mortal_box import Seen

    while True:
        assert (await streams.one(Seen(), max_tokens=5)).error is None


def neighbor_served(box: RealBox) -> int:
    return sum(row["outcome"] not in {"held", "failed"} for row in box.rows())


def _state(box: RealBox) -> str:
    return str(box.carrel("model", "show", "mortal")["state"])


async def _until(condition) -> None:
    deadline = time.monotonic() + 60
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline
