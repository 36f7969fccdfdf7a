"""SIGKILL of the gateway in the middle of a batch, many times: each line is answered and charged once."""

import asyncio
import json
import random
from collections import Counter

import httpx
import pytest

from tests.durability.gateway_box import GatewayBox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LINES = 150
KILLS = 4
OVER = {"completed", "failed", "expired", "cancelled"}


def line(number: int) -> str:
    body = {
        "model": "babbler" if number % 50 else "no-such-model",
        "messages": [{"role": "user", "content": "x" * (1 + number % 40)}],
        "max_tokens": 1 + number % 24,
    }
    return json.dumps(
        {"custom_id": f"c{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
    )


@pytest.fixture
async def box(tmp_path):
    box = GatewayBox(tmp_path)
    await box.start()
    yield box
    await box.kill()


@pytest.fixture
async def http(box):
    async with httpx.AsyncClient(
        base_url=box._box.url, headers={"authorization": f"Bearer {box._key}"}, timeout=30, trust_env=False
    ) as http:
        yield http


async def begun(http) -> str:
    content = "\n".join(map(line, range(LINES)))
    sent = await http.post("/files", data={"purpose": "batch"}, files={"file": ("in", content.encode())})
    asked = {
        "input_file_id": sent.json()["id"],
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
    }
    return (await http.post("/batches", json=asked)).json()["id"]


async def shown(http, batch_id: str, least: int) -> dict:
    """The batch, once so many of its lines have their ends or it is over."""
    async with asyncio.timeout(300):
        while True:
            batch = (await http.get(f"/batches/{batch_id}")).json()
            counts = batch["request_counts"]
            if batch["status"] in OVER or counts["completed"] + counts["failed"] >= least:
                return batch
            await asyncio.sleep(0.02)  # another process works; it has no event to offer


async def test_every_line_is_answered_once_and_charged_once(box, http):
    chance = random.Random(8)
    batch_id = await begun(http)
    for least in sorted(chance.sample(range(5, LINES - 20), KILLS)):
        await shown(http, batch_id, least)
        await asyncio.sleep(chance.uniform(0, 0.05))
        await box.kill()
        await box.start()
    batch = await shown(http, batch_id, LINES + 1)
    assert batch["status"] == "completed"
    answers = [
        json.loads(text)
        for file in ("output_file_id", "error_file_id")
        for text in (await http.get(f"/files/{batch[file]}/content")).text.splitlines()
    ]
    assert Counter(one["custom_id"] for one in answers) == Counter(f"c{n}" for n in range(LINES))

    told = {
        one["response"]["request_id"]: one["response"]["body"]["usage"]["completion_tokens"]
        for one in answers
        if one["response"]["status_code"] == 200
    }
    rows = box.rows()
    assert len(told) == LINES - LINES // 50
    assert {row["request_id"]: row["completion_tokens"] for row in rows} == told
    assert len(rows) == len(told)
    assert {row["outcome"] for row in rows} == {"completed"}
    budget = box.carrel("budget", "show")
    assert (budget["held_micro"], budget["spent_micro"]) == (0, sum(row["gflop"] for row in rows))
