"""What a dying worker, a leaving client and a hostile prompt do to everyone else."""

import json
import os
import signal
import threading
import time
from itertools import pairwise

import httpx
import openai
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

LONG = {
    "model": "handbook-tiny",
    "messages": [{"role": "user", "content": "Tell me all about keys and budgets."}],
    "max_tokens": 400,
    "temperature": 2.0,
    "top_p": 1.0,
    "stream": True,
}


def lines(client: httpx.Client, body: dict):
    with client.stream("POST", "chat/completions", json=body) as answer:
        assert answer.status_code == 200, answer.read()
        yield from (line for line in answer.iter_lines() if line.startswith("data: "))


@pytest.fixture
def http(box: RealBox, key: str):
    with httpx.Client(
        base_url=box.url + "/", headers={"authorization": f"Bearer {key}"}, timeout=30
    ) as client:
        yield client


def settled_row(box: RealBox, request_id: str) -> dict:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for row in box.rows():
            if row["request_id"] == request_id and row["outcome"] != "held":
                return row
        time.sleep(0.01)  # another process's commit: nothing to wait on
    raise AssertionError(f"{request_id} was not settled")


def dropped(http: httpx.Client) -> str:
    """Read five chunks, the first of which has no text, and hang up; the request's id."""
    with http.stream("POST", "chat/completions", json=LONG) as answer:
        seen = 0
        for line in answer.iter_lines():
            seen += '"content"' in line
            if seen >= 5:
                break
        return answer.headers["x-request-id"]


def test_a_stream_dropped_half_way_leaves_an_exact_row_and_no_hold(box: RealBox, http: httpx.Client):
    # The model may come to its end before the box notices that the client has left.
    rows = (settled_row(box, dropped(http)) for _ in range(40))
    cancelled = next(row for row in rows if row["outcome"] == "cancelled")
    assert 4 <= cancelled["completion_tokens"] < 400
    budget = box.carrel("budget", "show")
    assert budget["held_micro"] == 0
    assert budget["spent_micro"] == sum(one["gflop"] for one in box.rows())


def test_a_killed_worker_ends_its_streams_with_an_error_within_two_seconds_and_comes_back(
    box: RealBox, http: httpx.Client, key: str
):
    worker = box.carrel("model", "show", "handbook-tiny")["replicas"][0]
    flowing, over, errors = threading.Semaphore(0), threading.Event(), []

    def stream_until_one_fails() -> None:
        with httpx.Client(base_url=box.url + "/", headers=http.headers, timeout=30) as own:
            while not over.is_set():
                for number, line in enumerate(lines(own, LONG)):
                    if number == 1:
                        flowing.release()
                    if '"error"' in line:
                        errors.append((time.monotonic(), json.loads(line.removeprefix("data: "))["error"]))
                        return

    threads = [threading.Thread(target=stream_until_one_fails) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert flowing.acquire(timeout=20)
    # Stopped, it finishes none: a stream that has just ended begins again, and soon all four are in it.
    os.kill(worker["pid"], signal.SIGSTOP)
    deadline = time.monotonic() + 20
    while box.carrel("model", "show", "handbook-tiny")["replicas"][0]["running"] < len(threads):
        assert time.monotonic() < deadline
    over.set()
    killed = time.monotonic()
    os.kill(worker["pid"], signal.SIGKILL)
    for thread in threads:
        thread.join(20)
    assert len(errors) == len(threads)
    for at, error in errors:
        assert set(error) >= {"message", "type", "param", "code"}
        assert error["code"] == "replica_failed"
        assert at - killed < 2
    deadline = time.monotonic() + 20
    while box.carrel("model", "show", "handbook-tiny")["state"] != "ready":
        assert time.monotonic() < deadline
    with openai.OpenAI(base_url=box.url, api_key=key, max_retries=0) as client:
        answer = client.chat.completions.create(
            model="handbook-tiny",
            messages=[{"role": "user", "content": "Which port does Carrel listen on?"}],
            temperature=0,
        )
    assert "7411" in answer.choices[0].message.content
    after = box.carrel("model", "show", "handbook-tiny")["replicas"][0]
    assert after["pid"] != worker["pid"]
    assert box.carrel("budget", "show")["held_micro"] == 0


def test_huge_prompts_do_not_delay_another_stream(box: RealBox, http: httpx.Client):
    gaps: list[float] = []
    done, refusals = threading.Event(), []

    def hammer() -> None:
        with httpx.Client(base_url=box.url + "/", headers=http.headers, timeout=30) as own:
            while not done.is_set():
                body = {"model": "handbook-tiny", "messages": [{"role": "user", "content": "a1 " * 66_667}]}
                refusals.append(own.post("chat/completions", json=body).status_code)

    attacker = threading.Thread(target=hammer)
    attacker.start()
    while len(refusals) < 5 or len(gaps) < 200:
        times = [time.monotonic() for line in lines(http, LONG) if '"content"' in line]
        gaps.extend(later - earlier for earlier, later in pairwise(times))
    done.set()
    attacker.join(30)
    assert set(refusals) == {400}
    # Tokenizing one of them takes seconds, which is what a stream would stand still for.
    assert max(gaps) < 2


def test_the_prompt_is_in_no_file_of_the_box(box: RealBox, http: httpx.Client):
    marker = "xylophone-marker-93714"
    body = {**LONG, "messages": [{"role": "user", "content": marker}], "max_tokens": 5}
    list(lines(http, body))
    http.post("chat/completions", json={**body, "temperature": "hot " + marker})
    found = [
        path
        for path in box.home.rglob("*")
        if path.is_file() and not path.is_socket() and marker.encode() in path.read_bytes()
    ]
    assert found == []


def test_no_secret_key_is_in_any_file_of_the_box(box: RealBox, key: str, http: httpx.Client):
    http.get("models")
    found = [path for path in box.home.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert found == []
