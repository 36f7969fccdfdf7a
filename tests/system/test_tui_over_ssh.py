"""The terminal UI of another machine's box, through OpenSSH's own server: here, under another name."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.required import require_program
from tests.system.box import RealBox, free_port
from tests.tui.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CARREL = (sys.executable, "-P", "-m", "appliance")


class FarMachine:
    """OpenSSH's server on a port of its own; ``near`` is the environment of whoever uses it."""

    def __init__(self, folder: Path, box: RealBox) -> None:
        self._folder = folder
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        port = free_port()
        for name in ("host", "user"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True)
        self._write("authorized", (folder / "user.pub").read_text())
        home = folder / "far-home"
        home.mkdir()
        command = self._write("far-home/carrel", f'#!/bin/sh\nexec {" ".join(CARREL)} "$@"\n', 0o755)
        own = "".join(
            f"export {name}='{value}'\n"
            for name, value in box.environment.items()
            if name.startswith("CARREL_")
        )
        self._write("far-home/.profile", f"export PATH={command.parent}:$PATH\n{own}")
        config = self._write(
            "sshd_config",
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/authorized\n"
            f"StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nSetEnv HOME={home}\n",
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        log = (folder / "sshd.log").open("wb")
        self.server = subprocess.Popen(
            [sshd, "-D", "-e", "-f", str(config)], stderr=log, start_new_session=True
        )
        log.close()
        client = self._write(
            "ssh_config",
            f"Host lab-box\n HostName 127.0.0.1\n Port {port}\n IdentityFile {folder}/user\n"
            " IdentitiesOnly yes\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n"
            " LogLevel ERROR\n ConnectionAttempts 10\n"
            "Host nowhere\n HostName 127.0.0.1\n Port 1\n",
        )
        self._write("bin/ssh", f'#!/bin/sh\nexec {shutil.which("ssh")} -F {client} "$@"\n', 0o755)
        near = {name: value for name, value in box.environment.items() if not name.startswith("CARREL_")}
        self.near = {**near, "PATH": f"{folder}/bin:{near['PATH']}", "CARREL_HOME": str(folder / "empty")}

    def _write(self, name: str, text: str, mode: int = 0o600) -> Path:
        file = self._folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def cut(self) -> None:
        """All connections end, as when somebody pulls the cable."""
        subprocess.run(["pkill", "-KILL", "-P", str(self.server.pid)], check=False)

    def stop(self) -> None:
        self.cut()
        self.server.terminate()
        self.server.wait(10)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    running = RealBox(tmp_path_factory.mktemp("far")).start()
    yield running
    running.stop()


@pytest.fixture
def far(tmp_path: Path, box: RealBox) -> Iterator[FarMachine]:
    require_program("tmux")
    require_program("ssh")
    require_program("sshd")
    machine = FarMachine(tmp_path, box)
    yield machine
    machine.stop()


def test_another_machines_box_is_seen_over_ssh(far: FarMachine, box: RealBox):
    with Terminal((*CARREL, "tui", "--host", "lab-box"), far.near, (100, 30)) as terminal:
        terminal.see("lab-box", "ONLINE", f":{box.port}")
        far.cut()
        terminal.see("LOST")
        terminal.press("q")
        terminal.see("ended-0")
    assert box.carrel("status")["state"] == "ready"


@pytest.mark.parametrize(
    ("host", "code", "says"),
    [
        ("nowhere", 5, "ssh does not get to nowhere"),
        ("-oProxyCommand=touch_x", 2, "must look like user@box"),
        ("a b", 2, "must look like user@box"),
    ],
)
def test_a_machine_that_cannot_be_reached_is_said_at_once(far: FarMachine, host: str, code: int, says: str):
    with Terminal((*CARREL, "tui", f"--host={host}"), far.near, (100, 30)) as terminal:
        terminal.see(says, f"ended-{code}")
