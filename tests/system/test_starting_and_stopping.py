"""The box starts once, says why it cannot, drains, stops, and comes back with the models it had."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox
from tests.system.programs import carry_out

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh(tmp_path: Path):
    box = RealBox(tmp_path)
    yield box
    if box.process is not None and box.process.poll() is None:
        box.kill()


def serve(box: RealBox) -> subprocess.CompletedProcess:
    return carry_out(("serve",), box.environment)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)  # the state of another process: nothing to wait on


def test_a_second_gateway_on_the_same_data_refuses_and_harms_nothing(fresh: RealBox):
    fresh.extra["CARREL_RUN_DEMO"] = "false"
    fresh.start()
    second = RealBox(fresh.home)
    refused = serve(second)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "carrel down" in refused.stderr
    assert fresh.carrel("status")["state"] == "ready"


def test_a_taken_port_is_named_with_what_to_do(fresh: RealBox):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        fresh.port = taken.getsockname()[1]
        refused = serve(fresh)
    assert refused.returncode == 1
    assert str(fresh.port) in refused.stderr
    assert "carrel config set port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_sigterm_ends_it_with_success_and_leaves_no_process_socket_or_pid_file(fresh: RealBox):
    fresh.start()
    children = [one["pid"] for one in fresh.carrel("model", "show", "handbook-tiny")["replicas"]]
    assert fresh.stop() == 0
    assert all(gone(pid) for pid in children)
    assert list((fresh.home / "box" / "run").iterdir()) == []


def test_down_answers_and_then_the_box_is_down(fresh: RealBox):
    fresh.extra["CARREL_RUN_DEMO"] = "false"
    fresh.start()
    assert fresh.carrel("down") == {"stopped": True}
    assert fresh.process.wait(60) == 0


def test_a_killed_gateway_takes_its_children_along_and_starts_again(fresh: RealBox):
    fresh.start()
    worker = fresh.carrel("model", "show", "handbook-tiny")["replicas"][0]["pid"]
    fresh.kill()
    wait_until(lambda: gone(worker))
    fresh.start()
    assert fresh.carrel("status")["state"] == "ready"


def test_a_model_that_was_run_runs_again_after_a_restart_and_a_stopped_one_does_not(fresh: RealBox):
    fresh.extra["CARREL_RUN_DEMO"] = "false"
    fresh.start()
    assert {one["state"] for one in fresh.carrel("model", "list")["models"]} == {"available"}
    assert fresh.carrel("model", "run", "handbook-tiny")["state"] == "ready"
    fresh.stop()
    fresh.start()
    assert fresh.carrel("model", "show", "handbook-tiny")["state"] == "ready"
    fresh.carrel("model", "stop", "handbook-tiny")
    fresh.stop()
    fresh.start()
    assert fresh.carrel("model", "show", "handbook-tiny")["state"] == "available"


def test_a_running_stream_may_end_within_the_drain_time(fresh: RealBox):
    fresh.extra["CARREL_DRAIN_TIMEOUT_S"] = "20"
    fresh.start()
    key, seen, first = fresh.new_key(), [], threading.Event()

    def stream() -> None:
        body = {
            "model": "handbook-tiny",
            "messages": [{"role": "user", "content": "Which port does Carrel listen on?"}],
            "max_tokens": 300,
            "temperature": 2,
            "stream": True,
        }
        headers = {"authorization": f"Bearer {key}"}
        with httpx.stream(
            "POST", f"{fresh.url}/chat/completions", json=body, headers=headers, timeout=60
        ) as got:
            for line in got.iter_lines():
                seen.append(line)
                first.set()

    reader = threading.Thread(target=stream)
    reader.start()
    assert first.wait(60)
    os.kill(fresh.process.pid, signal.SIGTERM)
    reader.join(60)
    assert fresh.process.wait(60) == 0
    assert seen[-2] == "data: [DONE]"
    (row,) = fresh.rows()
    assert row["outcome"] == "completed"


def test_a_second_signal_ends_it_at_once(fresh: RealBox):
    fresh.extra["CARREL_DRAIN_TIMEOUT_S"] = "60"
    fresh.start()
    unfinished = (
        f"POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1:{fresh.port}\r\n"
        f"authorization: Bearer {fresh.new_key()}\r\ncontent-length: 1000\r\nexpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", fresh.port), timeout=60) as client:
        client.sendall(unfinished.encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100")  # it is being read: there is work to drain
        os.kill(fresh.process.pid, signal.SIGTERM)
        wait_until(lambda: _refuses(fresh))
        assert fresh.process.poll() is None
        os.kill(fresh.process.pid, signal.SIGTERM)
        assert fresh.process.wait(5) == 130


def _refuses(box: RealBox) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{box.port}/healthz", timeout=1)
    except httpx.TransportError:
        return True
    return False
