"""A model that two processes share, in a real box: it answers, and outlives the death of either."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.required import require_torch
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

MODEL = "handbook-tiny@f32"
# A box without GPUs would never share a model: on a processor nothing is won by it.
RUN = """
import asyncio, dataclasses, msgspec
from appliance.config import from_process
from appliance.services.models import launching
from appliance.wiring.running import run_gateway

planned = launching.orders

def shared(spec, wishes, places):
    divided = {"ranks": 2, "split": "tensor"} if spec.engine == "torch" else {}
    return tuple(
        dataclasses.replace(one, spec=msgspec.structs.replace(one.spec, **divided))
        for one in planned(spec, wishes, places)
    )

launching.orders = shared
asyncio.run(run_gateway(from_process({})))
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Iterator[RealBox]:
    require_torch()
    program = (sys.executable, "-c", RUN)
    box = RealBox(tmp_path_factory.mktemp("home"), program=program, extra={"CARREL_RUN_DEMO": "false"})
    yield box.start()
    box.stop()


@pytest.fixture(scope="module")
def client(box: RealBox) -> Iterator[openai.OpenAI]:
    assert box.carrel("model", "run", MODEL)["state"] == "ready"
    with openai.OpenAI(base_url=box.url, api_key=box.new_key(), max_retries=0) as client:
        yield client


def group(box: RealBox) -> list[int]:
    """The worker, then whom it has started."""
    worker = box.carrel("model", "show", MODEL)["replicas"][0]["pid"]
    return [worker, *map(int, Path(f"/proc/{worker}/task/{worker}/children").read_text().split())]


def port_of_the_box(client: openai.OpenAI) -> str:
    asked = [{"role": "user", "content": "Which port does Carrel listen on?"}]
    return (
        client.chat.completions.create(model=MODEL, messages=asked, temperature=0).choices[0].message.content
    )


def stream(client: openai.OpenAI):
    """Pieces of a long answer; at its end, what went wrong."""
    asked = [{"role": "user", "content": "Tell me all about keys and budgets."}]
    try:
        for chunk in client.chat.completions.create(
            model=MODEL, messages=asked, temperature=2, max_tokens=400, stream=True
        ):
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content
    except openai.APIError as error:
        yield error


def test_it_answers_and_shows_its_walls_and_memory(box: RealBox, client: openai.OpenAI):
    assert "7411" in port_of_the_box(client)
    replica = box.carrel("model", "show", MODEL)["replicas"][0]
    assert "no-network" in replica["confinement"]
    assert len(group(box)) == 2


@pytest.mark.parametrize("rank", [1, 0])
def test_the_death_of_either_ends_streams_with_an_error_and_the_box_goes_on(
    box: RealBox, client: openai.OpenAI, rank: int
):
    pids = group(box)
    pieces = stream(client)
    for _ in range(3):
        assert isinstance(next(pieces), str)
    os.kill(pids[rank], signal.SIGKILL)
    killed_s = time.monotonic()
    *_, last = pieces
    assert isinstance(last, openai.APIError)
    assert last.code == "replica_failed"
    assert time.monotonic() - killed_s < 2
    deadline_s = killed_s + 60
    while box.carrel("model", "show", MODEL)["state"] != "ready":
        assert time.monotonic() < deadline_s
    assert "7411" in port_of_the_box(client)
    assert set(group(box)).isdisjoint(pids)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_stopping_it_leaves_no_process(box: RealBox, client: openai.OpenAI):
    pids = group(box)
    box.carrel("model", "stop", MODEL)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
