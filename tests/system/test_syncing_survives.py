"""A box that is killed in the middle of a sync: the registry has its message, and the box does not know."""

import sqlite3
import subprocess
import sys

import pytest

from tests.system.box import RealBox
from tests.system.cutting_proxy import CuttingProxy
from tests.system.real_registry import RealRegistry

pytestmark = pytest.mark.slow


@pytest.fixture
def registry(tmp_path):
    home = tmp_path / "registry-home"
    home.mkdir()
    made = RealRegistry(home)
    yield made
    made.kill()


@pytest.fixture
def box(tmp_path):
    home = tmp_path / "box-home"
    home.mkdir()
    made = RealBox(home, extra={"CARREL_RUN_DEMO": "false", "CARREL_SYNC_HOURS": "0"})
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def outbox(box):
    """Id, state and token of each message, in order."""
    path = box.home / "box" / "data" / "carrel.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        rows = "SELECT id, state, token FROM federation_outbox WHERE kind <> 'sync+jws' ORDER BY seq"
        return connection.execute(rows).fetchall()
    finally:
        connection.close()


def begin(registry, proxy):
    done = registry.command(
        "init", "--name", "central", "--address", f"http://127.0.0.1:{proxy.port}", "--plain-http",
        "--port", str(registry.port), "--page", "off",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    registry.start()
    return registry.document("code", "--institution", "North College")["text"]


def test_kill_in_the_middle_of_a_sync_loses_nothing_and_counts_nothing_twice(registry, box):
    with CuttingProxy(registry.port).serving() as proxy:
        code = begin(registry, proxy)
        box.start()
        assert box.carrel("fed", "enroll", code)["registry"] == "central"
        box.carrel("fed", "rotate")
        proxy.cut = b"POST /v1/key"
        syncing = subprocess.Popen(
            [sys.executable, "-m", "appliance", "fed", "sync"],
            env=box.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert proxy.held.wait(30)
        box.kill()
        assert syncing.wait(30) != 0
        before = outbox(box)
        assert "waiting" in [state for _, state, _ in before]
        proxy.cut = b""
        box.start()
        synced = box.carrel("fed", "sync")
        assert {"kind": "rotate+jws", "state": "done", "count": 1, "oldest_ms": None} in synced["sent"]
        after = outbox(box)
        assert [(one[0], one[2]) for one in after[: len(before)]] == [(one[0], one[2]) for one in before]
        assert {state for _, state, _ in after} == {"done"}
        # The registry knows one key that counts, and the box signs with it.
        assert box.carrel("fed", "status")["key"] != box.carrel("fed", "status")["box"]
        assert box.carrel("fed", "sync")["not_believed"] == []
