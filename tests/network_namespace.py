"""A local network of two machines without a way to anywhere else: the box at one end of a cable, a laptop at
the other. Both are network namespaces of this machine; files, processes and sockets in folders are shared.

    with local_network() as lan:
        subprocess.run(lan.on_box(sys.executable, "-m", "appliance", "serve"))
        subprocess.run(lan.on_laptop("curl", f"http://{BOX_ADDRESS}:7411/healthz"))
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.required import not_run

BOX_ADDRESS = "10.99.0.1"
LAPTOP_ADDRESS = "10.99.0.2"
INTERFACE = "lan0"
"""The box's; the laptop's is ``lan1``."""

_STAY = "echo here; exec cat"
"""A process that keeps a namespace until its standard input ends."""
_AS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class LocalNetwork:
    """Commands to be run at its ends."""

    box: int
    laptop: int

    def on_box(self, *words: str) -> tuple[str, ...]:
        """The command, with the box's network; it has no route."""
        return (*_entering(self.box), *words)

    def on_laptop(self, *words: str) -> tuple[str, ...]:
        """The command, with the laptop's network."""
        return (*_entering(self.laptop), *words)


@contextmanager
def local_network() -> Iterator[LocalNetwork]:
    """Scope in which the network is there. Not run where this machine does not let us make one."""
    for name in ("unshare", "nsenter", "ip"):
        if shutil.which(name) is None:
            not_run(f"{name} is not installed")
    rights = () if _AS_ROOT else ("--map-root-user",)
    with (
        _kept("unshare", *rights, "--net") as box,
        _kept(*_entering(box, network=False), "unshare", "--net") as laptop,
    ):
        lan = LocalNetwork(box, laptop)
        _run(lan.on_box("ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", "lan1"))
        _run(lan.on_box("ip", "link", "set", "lan1", "netns", str(laptop)))
        for at, name, address in (
            (lan.on_box, INTERFACE, BOX_ADDRESS),
            (lan.on_laptop, "lan1", LAPTOP_ADDRESS),
        ):
            _run(at("ip", "address", "add", f"{address}/24", "dev", name))
            for one in ("lo", name):
                _run(at("ip", "link", "set", one, "up"))
        yield lan


@contextmanager
def _kept(*words: str) -> Iterator[int]:
    """A namespace, as the process that keeps it."""
    keeper = subprocess.Popen(
        [*words, "sh", "-c", _STAY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if keeper.stdout.readline() != "here\n":
            not_run("this machine lets nobody make a network namespace")
        yield keeper.pid
    finally:
        keeper.communicate(timeout=10)


def _entering(pid: int, *, network: bool = True) -> tuple[str, ...]:
    user = () if _AS_ROOT else ("--user", "--preserve-credentials")
    if not network and not user:
        return ()
    return ("nsenter", f"--target={pid}", *user, *(("--net",) if network else ()))


def _run(words: tuple[str, ...]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
    if done.returncode != 0:
        not_run(f"this machine cannot make a network: {done.stderr.strip()}")
