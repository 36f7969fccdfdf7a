"""Which ports a real box listens on, in each mode: exactly those that are set, and what comes in by them.

The box is at one end of a cable and a laptop at the other; neither has a way to anywhere else.
"""

import json
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.network_namespace import BOX_ADDRESS, INTERFACE, LocalNetwork, local_network
from tests.required import not_run
from tests.system.box import START_S, RealBox

LAN_PORT, CLASS_PORT = 7443, 7480
CARREL = (sys.executable, "-m", "appliance")
pytestmark = pytest.mark.slow


class BoxOnCable(RealBox):
    """What it is started with runs where its network is; all else goes to its admin socket from here."""

    network: LocalNetwork

    def carrel(self, *words: str) -> dict:
        if words[0] != "up":
            return super().carrel(*words)
        done = self.told(*words, "--json")
        assert done.returncode == 0, f"carrel {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout)

    def told(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.network.on_box(*CARREL, *words),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    @property
    def pid(self) -> int:
        return int((self.home / "box" / "run" / "gateway.pid").read_text())

    def listens_at(self) -> set[str]:
        """Addresses and ports of TCP on which this very process listens, as ``ss`` has them."""
        done = subprocess.run(
            self.network.on_box("ss", "-Hltnp"), capture_output=True, text=True, timeout=10, check=True
        )
        mine = [line.split() for line in done.stdout.splitlines() if f"pid={self.pid}," in line]
        return {words[3] for words in mine}

    def laptop(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.network.on_laptop("curl", "-sS", "--max-time", "10", *words),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def network() -> Iterator[LocalNetwork]:
    for name in ("ss", "curl"):
        if shutil.which(name) is None:
            not_run(f"{name} is not installed (scripts/test_services.sh installs it)")
    with local_network() as lan:
        yield lan


@contextmanager
def up(home: Path, network: LocalNetwork, *flags: str, **extra: str) -> Iterator[tuple[BoxOnCable, dict]]:
    box = BoxOnCable(home, port=7411, extra=extra)
    box.network = network
    started = box.carrel("up", *flags)
    try:
        yield box, started
    finally:
        box.told("down")


def test_a_box_listens_on_loopback_alone(tmp_path, network):
    with up(tmp_path, network) as (box, started):
        assert box.listens_at() == {"127.0.0.1:7411"}
        assert [one["kind"] for one in started["doors"]] == ["api"]
        assert box.laptop(f"http://{BOX_ADDRESS}:7411/healthz").returncode == 7
        # Nothing of the network has been made, and no name is published.
        assert not (tmp_path / "box" / "data" / "tls").exists()
        assert ":5353" not in _udp(box)


def test_a_box_on_its_network_listens_there_over_tls_and_a_class_opens_plain_http(tmp_path, network):
    with up(tmp_path, network, "--lan", CARREL_MDNS="teaching-box") as (box, started):
        lan = {"127.0.0.1:7411", f"{BOX_ADDRESS}:{LAN_PORT}"}
        assert box.listens_at() == lan
        door = next(one for one in started["doors"] if one["kind"] == "lan")
        assert door["url"] == f"https://{BOX_ADDRESS}:{LAN_PORT}"
        _tls_is_believed_by_who_trusts_the_authority(box, door["fingerprint"])
        _name_leads_to_the_box(box)

        made = box.carrel("class", "new", "monday", "--guests", "3", "--models", "handbook-tiny")
        assert box.listens_at() == lan
        opened = box.carrel("class", "open", "monday", "--plain")
        plain = f"http://{BOX_ADDRESS}:{CLASS_PORT}"
        assert (made["plain_address"], opened["plain_address"]) == ("", plain)
        assert opened["addresses"][0] == plain
        assert box.listens_at() == lan | {f"{BOX_ADDRESS}:{CLASS_PORT}"}
        assert box.laptop(f"{plain}/healthz").returncode == 0
        for host in ("evil.example", "localhost", "127.0.0.1", "10.99.0.2"):
            for at in (plain, f"https://{BOX_ADDRESS}:{LAN_PORT}"):
                assert _status_of(box, f"{at}/healthz", host) == 400, (host, at)
        assert _status_of(box, f"{plain}/healthz", "teaching-box.local:7480") == 200

        box.carrel("class", "close", "monday", "--yes")
        assert box.listens_at() == lan
        assert box.laptop(f"{plain}/healthz").returncode == 7


def test_the_door_of_a_class_is_open_again_after_a_restart(tmp_path, network):
    with up(tmp_path, network) as (box, _):
        box.carrel("class", "new", "monday", "--guests", "3", "--models", "handbook-tiny")
        # Without an address of the box, the class is on the only one that there is.
        box.carrel("class", "open", "monday", "--plain")
        both = {"127.0.0.1:7411", f"{BOX_ADDRESS}:{CLASS_PORT}"}
        assert box.listens_at() == both
        box.told("down", "--yes")
        box.carrel("up")
        _until(lambda: box.listens_at() == both)
        status = box.carrel("status")
        assert [(one["kind"], one["classes"]) for one in status["doors"]] == [
            ("api", []),
            ("class", ["monday"]),
        ]


@pytest.fixture
def second_network(network) -> Iterator[str]:
    """A second interface of the box, and its address; nobody is at the other end."""

    def on_box(*words: str) -> None:
        subprocess.run(network.on_box("ip", *words), check=True, timeout=10)

    on_box("link", "add", "lan7", "type", "veth", "peer", "name", "lan8")
    on_box("address", "add", "10.98.0.1/24", "dev", "lan7")
    for one in ("lan7", "lan8"):
        on_box("link", "set", one, "up")
    try:
        yield "10.98.0.1"
    finally:
        on_box("link", "del", "lan7")


def test_several_networks_are_told_where_nobody_can_be_asked(tmp_path, network, second_network):
    box = BoxOnCable(tmp_path, port=7411)
    box.network = network
    done = box.told("up", "--lan")
    assert done.returncode != 0
    assert f"{BOX_ADDRESS} ({INTERFACE}), {second_network} (lan7)" in done.stderr
    assert "--lan-host" in done.stderr
    with up(tmp_path, network, "--lan-host", second_network) as (chosen, _):
        assert chosen.listens_at() == {"127.0.0.1:7411", f"{second_network}:{LAN_PORT}"}
        chosen.carrel("class", "new", "monday", "--guests", "3", "--models", "handbook-tiny")
        opened = chosen.carrel("class", "open", "monday", "--plain", "--address", BOX_ADDRESS)
        assert opened["plain_address"] == f"http://{BOX_ADDRESS}:{CLASS_PORT}"
        assert f"{BOX_ADDRESS}:{CLASS_PORT}" in chosen.listens_at()


def test_the_doctor_finds_nothing_wrong_with_a_box_on_its_network(tmp_path, network):
    with up(tmp_path, network, "--lan-host", BOX_ADDRESS, CARREL_MDNS="teaching-box") as (box, _):
        box.extra["CARREL_LAN_HOST"] = BOX_ADDRESS
        _until(lambda: _doors(box, "lan")[0]["name_url"])
        found = {one["id"]: one for one in _diagnosed(box)}
        mine = ("lan_address", "lan_certificate", "lan_port", "class_port", "lan", "lan_name")
        assert {one: found[one]["state"] for one in mine} == dict.fromkeys(mine, "ok"), found


def _diagnosed(box: BoxOnCable) -> list[dict]:
    """Whatever else this machine has to complain of."""
    return json.loads(box.told("doctor", "--json").stdout)["checks"]


def _doors(box: BoxOnCable, kind: str) -> list[dict]:
    return [one for one in box.carrel("status")["doors"] if one["kind"] == kind]


def _tls_is_believed_by_who_trusts_the_authority(box: BoxOnCable, fingerprint: str) -> None:
    url = f"https://{BOX_ADDRESS}:{LAN_PORT}"
    assert box.laptop(f"{url}/healthz").returncode == 60
    authority = box.home / "carrel-ca.crt"
    got = box.laptop("--insecure", f"{url}/ca.crt", "-o", str(authority))
    assert got.returncode == 0, got.stderr
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(authority), "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip().endswith(f"={fingerprint}")
    trusting = box.laptop("--cacert", str(authority), f"{url}/healthz")
    assert trusting.returncode == 0, trusting.stderr
    assert ssl.PEM_cert_to_DER_cert(authority.read_text())


def _name_leads_to_the_box(box: BoxOnCable) -> None:
    """A laptop asks for it by multicast DNS, over the cable."""
    asks = (
        "import asyncio, sys; from appliance.lan.asking import who_has;"
        "print(sorted(asyncio.run(who_has('teaching-box', '10.99.0.2', answer_ms=4000))))"
    )

    def answered() -> bool:
        done = subprocess.run(
            box.network.on_laptop(sys.executable, "-c", asks),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout.strip() == str([BOX_ADDRESS])

    _until(answered)
    assert ":5353" in _udp(box)
    assert _doors(box, "lan")[0]["name_url"] == f"https://teaching-box.local:{LAN_PORT}"


def _udp(box: BoxOnCable) -> str:
    done = subprocess.run(
        box.network.on_box("ss", "-Hlunp"), capture_output=True, text=True, timeout=10, check=True
    )
    return "\n".join(line for line in done.stdout.splitlines() if f"pid={box.pid}," in line)


def _status_of(box: BoxOnCable, url: str, host: str) -> int:
    done = box.laptop("--insecure", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Host: {host}", url)
    assert re.fullmatch(r"\d{3}", done.stdout), done.stderr
    return int(done.stdout)


def _until(holds) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.1)  # a process of another kind to wait for: it has no event to offer
