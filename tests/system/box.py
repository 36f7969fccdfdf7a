"""A real box for tests: the gateway as its own process, everything under one temporary folder."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.system.programs import CARREL, Forked, carry_out, start

START_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int, path: str, status: int = 200) -> bool:
    """Whether a server of this machine answers so. Cheap: it is asked again and again."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asking.request("GET", path)
        return asking.getresponse().status == status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


@dataclass
class RealBox:
    """``python -m appliance serve`` with CARREL_HOME of its own and the demo model."""

    home: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (*CARREL, "serve")
    process: Forked | subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "CARREL_HOME": str(self.home / "box"),
            "CARREL_PORT": str(self.port),
            "CARREL_RUN_DEMO": "true",
            "CARREL_DRAIN_TIMEOUT_S": "1",
            # Tests run side by side: threads that wait for each other at a barrier would wait long.
            "CARREL_WORKER_THREADS": "1",
            **self.extra,
        }

    def start(self) -> "RealBox":
        """Start and wait until it is ready."""
        with (self.home / "gateway.out").open("ab") as output:
            self.process = start(self.program, self.environment, output)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway ended: {(self.home / 'gateway.out').read_text()[-3000:]}")
            if self._ready():
                return self
            time.sleep(0.02)  # a process of another kind to wait for: it has no event to offer
        raise AssertionError("the gateway did not get ready")

    def _ready(self) -> bool:
        return answers(self.port, "/readyz")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """SIGTERM and the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def carrel(self, *words: str) -> dict:
        """Run one command with --json and return its document."""
        done = carry_out((*words, "--json"), self.environment)
        if done.returncode != 0:
            raise AssertionError(f"carrel {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def new_key(self, name: str = "test", *more: str) -> str:
        return self.carrel("key", "new", name, *more)["key"]

    def rows(self) -> list[dict]:
        """The ledger's usage rows, read beside the gateway (read-only, as an auditor would)."""
        import sqlite3

        path = self.home / "box" / "data" / "carrel.db"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute("SELECT * FROM usage ORDER BY seq")]
        finally:
            connection.close()
