"""The commands against a gateway of their own starting: no model runs, everything else is real."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from tests.system.programs import carry_out

pytestmark = pytest.mark.slow


@pytest.fixture
def environ(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {"CARREL_HOME": str(tmp_path / "b"), "CARREL_PORT": str(port), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def carrel(environ):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return carry_out(words, environ)

    yield run
    run("down")


def test_a_box_goes_up_is_used_and_goes_down_again(carrel, environ):
    up = carrel("up", "--json")
    assert up.returncode == 0, up.stderr
    assert json.loads(up.stdout)["url"] == f"http://127.0.0.1:{environ['CARREL_PORT']}/v1"
    assert json.loads(carrel("status", "--json").stdout)["state"] == "ready"
    issued = json.loads(carrel("key", "new", "alice", "--json").stdout)
    assert issued.keys() == {"key", "id", "name", "project", "expires_ms"}
    assert carrel("key", "revoke", issued["id"]).returncode == 0
    budget = json.loads(carrel("budget", "set", "--credits", "0.01", "--json").stdout)
    assert budget["limit_micro"] == 10_000
    assert "already runs" in carrel("up").stderr
    assert json.loads(carrel("logs", "--json").stdout)["lines"]
    assert json.loads(carrel("down", "--json").stdout) == {"stopped": True}
    assert carrel("status").returncode == 5
    assert carrel("up").returncode == 0
    assert carrel("down").returncode == 0


def test_a_port_that_is_taken_is_the_reason_it_does_not_start(carrel, environ):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environ["CARREL_PORT"])))
        other.listen()
        done = carrel("up")
    assert done.returncode == 1
    assert "Port" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_ends_with_its_document_when_it_is_told_to_stop(carrel, environ):
    command = [sys.executable, "-m", "appliance", "serve", "--json"]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as gateway:
        while "gateway started" not in (line := gateway.stderr.readline()):
            assert line, "the gateway ended"
        gateway.send_signal(signal.SIGTERM)
        out, _ = gateway.communicate(timeout=60)
    assert gateway.returncode == 0
    assert json.loads(out) == {"stopped": True}
