"""A whole box that is switched offline tries the network in nothing, not even a name, for an hour of its
schedule; switched back, all that waited goes out by itself.

It belongs to a registry, has a model elsewhere, a download under way, catalogs, and alerts to tell.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scripts.local_hub import LocalHub
from scripts.make_tiny_gguf import make_tiny_gguf
from tests.required import require_network_namespace, require_strace
from tests.system.box import RealBox
from tests.system.hasty_gateway import HASTE
from tests.system.real_registry import RealRegistry
from tests.system.silence import Hook, tried, watching
from tests.system.test_pulling import Lab
from tests.system.two_boxes import add, recipe
from tests.upstreams.hostile_host import HostileHost

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FAR = "gone.carrel.invalid"
"""Nobody's name: whoever looks it up is seen."""
HOUR_S = 3600 / HASTE
PATIENT = {f"CARREL_{name}_TIMEOUT_S": "3600" for name in ("HEADER", "BODY", "WRITE")}
"""Clients of a gateway in a hurry are not in one."""
QUESTION = [{"role": "user", "content": "Which port?"}]


@dataclass
class World:
    """The box and whoever is outside of it."""

    box: RealBox
    registry: RealRegistry
    lab: Lab
    host: HostileHost
    hook: Hook
    folder: Path

    def until(self, what, seconds=90.0):
        """The first answer that is anything."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.1)  # another process: it has no event to offer
        raise AssertionError("it did not happen")

    def ask(self, key: str, model: str) -> httpx.Response:
        body = {"model": model, "messages": QUESTION}
        headers = {"authorization": f"Bearer {key}"}
        return httpx.post(f"{self.box.url}/chat/completions", json=body, headers=headers, timeout=30)

    def refused(self, code: int, *words: str) -> None:
        with pytest.raises(AssertionError, match=f"exit {code}"):
            self.box.carrel(*words)

    def waits(self) -> dict[str, int]:
        return {one["what"]: one["count"] for one in self.box.carrel("offline", "show")["waits"]}

    def restart(self, program: tuple[str, ...], **environment: str) -> None:
        self.end()
        self.box.program = program
        self.box.extra |= environment
        self.box.start()

    def end(self) -> None:
        # The gateway itself, not what it runs under. In a hurry `down` has a hundredth of its time to answer.
        os.kill(pid_of(self.box), signal.SIGTERM)
        self.box.process.wait(60)


@pytest.fixture
def world(tmp_path):
    require_strace()
    place = tmp_path / "hub" / "lab" / "tiny"
    place.mkdir(parents=True)
    make_tiny_gguf(place / "tiny.gguf", width=512, layers=3)
    (tmp_path / "central").mkdir()
    registry = RealRegistry(tmp_path / "central")
    address = f"http://{registry.host}"
    registry.document(
        "init", "--name", "central", "--address", address, "--plain-http", "--port", str(registry.port)
    )
    settings = {"CARREL_UPSTREAMS": "true", "CARREL_SYNC_HOURS": "1", "CARREL_CATALOG_REFRESH_HOURS": "1"}
    with LocalHub(tmp_path / "hub") as hub, HostileHost().serving() as host, Hook().serving() as hook:
        box = RealBox(tmp_path, extra={"CARREL_HUB": hub.address, **settings})
        add(box, "far", recipe("far", host.url, model="honest", key=""))
        try:
            registry.start()
            yield World(box.start(), registry, Lab(box, hub, tmp_path), host, hook, tmp_path)
        finally:
            put_down(box)
            registry.kill()


def pid_of(box: RealBox) -> int:
    return int((box.home / "box" / "run" / "gateway.pid").read_text())


def put_down(box: RealBox) -> None:
    """Whatever it runs under, and however the test ended."""
    if box.process is not None and box.process.poll() is None:
        with suppress(OSError, ValueError):
            os.kill(pid_of(box), signal.SIGKILL)
        box.kill()


def begin(world: World) -> str:
    """Something of everything; a key."""
    box, hub = world.box, world.lab.hub
    box.carrel("fed", "enroll", world.registry.document("code", "--institution", "North College")["text"])
    box.carrel("model", "run", "far")
    key = box.new_key()
    assert world.ask(key, "handbook-tiny").status_code == 200
    assert world.ask(key, "far").status_code == 200
    world.lab.approve("tiny", world.lab.from_hub)
    hub.switches.bytes_s = 2 * 2**20
    box.carrel("model", "pull", "tiny", "--background")
    world.lab.until("tiny", {"running"}, percent=3)
    return key


def test_an_offline_box_tries_nobody_and_delivers_by_itself_once_it_is_back(world):
    key = begin(world)
    box = world.box

    told = box.carrel("offline", "on")
    assert told["offline"]
    download = world.lab.until("tiny", {"waiting"})
    assert "goes on by itself" in download["reason"]
    assert world.ask(key, "far").status_code == 503
    box.carrel("fed", "export", str(world.folder / "stick"), "--today")

    log, asked = world.folder / "silent.strace", len(world.host.asked)
    world.restart(
        (*watching(log), sys.executable, "-m", "tests.system.hasty_gateway"),
        CARREL_RUN_DEMO="false",
        **PATIENT,
        CARREL_ALERT_DISK_MIB="1000000000",
        CARREL_ALERT_WEBHOOK=f"https://{FAR}/hook",
        CARREL_SMTP_HOST=f"mail.{FAR}",
        CARREL_ALERT_MAIL_TO="ann@lab.example",
    )
    begun = time.monotonic()
    world.refused(7, "fed", "sync")
    world.refused(7, "model", "run", "far")
    world.refused(7, "recipe", "new", "hub:lab/tiny")
    assert world.ask(key, "far").status_code == 503
    world.refused(1, "alert", "test")
    world.refused(7, "catalog", "refresh")
    policy = httpx.get(f"{box.url}/policy", headers={"authorization": f"Bearer {key}"}, timeout=30).text
    assert "The box is offline" in policy
    status = box.carrel("status")
    assert (status["offline"], "carrel offline off" in status["network"]) == (True, True)
    time.sleep(max(0.0, begun + HOUR_S - time.monotonic()))  # its schedule has nothing to be waited for
    waits = world.waits()
    assert waits.keys() >= {"sync", "usage reports", "downloads", "catalogs", "alerts"}
    assert box.carrel("offline", "show")["offline"]
    world.end()
    assert tried(log) == []
    assert len(world.host.asked) == asked

    log = world.folder / "speaks.strace"
    world.box.program = (*watching(log), sys.executable, "-m", "appliance", "serve")
    world.box.extra |= {"CARREL_ALERT_WEBHOOK": world.hook.address, "CARREL_SMTP_HOST": ""}
    box.start()
    assert world.waits().keys() >= {"usage reports", "downloads", "alerts"}
    assert world.hook.came == []
    world.lab.hub.switches.bytes_s = 0

    assert not box.carrel("offline", "off")["offline"]
    assert world.hook.arrived.wait(90)
    world.until(lambda: world.registry.document("usage")["lines"])
    world.lab.until("tiny", {"done"})
    world.until(lambda: world.ask(key, "far").status_code == 200)
    world.until(lambda: not world.waits().keys() & {"usage reports", "downloads", "catalogs"})
    assert box.carrel("status")["network"] == ""

    assert box.carrel("offline", "on")["offline"]
    assert world.ask(key, "far").status_code == 503
    world.end()
    assert any(f"htons({world.registry.port})" in one for one in tried(log))
    box.start()
    assert box.carrel("status")["offline"]


def test_a_name_that_is_looked_up_is_seen_though_nobody_can_be_asked(tmp_path):
    require_strace()
    words = require_network_namespace()
    log = tmp_path / "asks.strace"
    asks = f"import socket; socket.getaddrinfo('{FAR}', 443)"
    done = subprocess.run(
        [*words, *watching(log), sys.executable, "-c", asks], capture_output=True, check=False
    )
    assert b"gaierror" in done.stderr
    assert any("resolv.conf" in one for one in tried(log))
    assert any("htons(53)" in one for one in tried(log))
