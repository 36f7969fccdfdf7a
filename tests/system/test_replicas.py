"""The demo model in two processes: both answer, and one of them is enough."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from appliance.client.admin import AdminClient
from appliance.domain.results import ModelDetail, ReplicaStatus
from tests.system.box import RealBox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEATS = 2


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    box = RealBox(tmp_path_factory.mktemp("replicas")).start()
    box.carrel("model", "run", "handbook-tiny", "--replicas", "2", "--seats", str(SEATS))
    yield box
    box.stop()


@pytest.fixture(scope="module")
def http(two: RealBox) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {two.new_key()}"}
    with httpx.Client(base_url=two.url + "/", headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def admin(two: RealBox) -> Iterator[AdminClient]:
    with AdminClient(two.home / "box" / "run" / "admin.sock") as client:
        yield client


def answer(http: httpx.Client, max_tokens: int = 8) -> int:
    body = {
        "model": "handbook-tiny",
        "messages": [{"role": "user", "content": "How do I run a model?"}],
        "max_tokens": max_tokens,
    }
    return http.post("chat/completions", json=body).status_code


def replicas(admin: AdminClient) -> Sequence[ReplicaStatus]:
    shown = admin.run("model.show", {"model": "handbook-tiny"})
    assert isinstance(shown, ModelDetail)
    return shown.replicas


def both_at_once(admin: AdminClient, http: httpx.Client) -> tuple[set[int], set[int]]:
    """Statuses of more requests than one replica has seats for, and replicas that were seen computing."""
    body = {"model": "handbook-tiny", "prompt": "carrel", "max_tokens": 400, "temperature": 2.0}
    with ThreadPoolExecutor(2 * SEATS) as pool:
        sent = [pool.submit(http.post, "completions", json=body) for _ in range(2 * SEATS)]
        computing: set[int] = set()
        while not all(one.done() for one in sent):
            computing |= {number for number, one in enumerate(replicas(admin)) if one.running}
        return {one.result().status_code for one in sent}, computing


def test_both_replicas_run_and_answer(two: RealBox, admin: AdminClient, http: httpx.Client):
    shown = two.carrel("model", "show", "handbook-tiny")
    assert shown["run"]["replicas"] == 2
    assert [one["state"] for one in shown["replicas"]] == ["ready", "ready"]
    assert len({one["pid"] for one in shown["replicas"]}) == 2
    seen: set[int] = set()
    deadline = time.monotonic() + 60
    while seen != {0, 1} and time.monotonic() < deadline:
        statuses, computing = both_at_once(admin, http)
        assert statuses == {200}
        seen |= computing
    assert seen == {0, 1}


def test_with_one_killed_the_other_answers_and_the_killed_one_comes_back(
    admin: AdminClient, http: httpx.Client
):
    killed = replicas(admin)[0].pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while (first := replicas(admin)[0]).pid == killed and first.state == "ready":
        assert time.monotonic() < deadline, "nobody noticed the killed replica"
    assert {answer(http) for _ in range(10)} == {200}
    while not ((first := replicas(admin)[0]).state == "ready" and first.restarts == 1):
        assert time.monotonic() < deadline, "the killed replica did not come back"
    assert answer(http) == 200


def test_it_runs_in_the_same_way_after_a_restart(two: RealBox):
    before = two.carrel("model", "show", "handbook-tiny")["run"]
    two.stop()
    two.start()
    assert two.carrel("model", "show", "handbook-tiny")["run"] == before
    assert before["replicas"] == 2
