"""A machine to install on: a home, a prefix and a folder of packages, none of them this machine's own."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
INSTALL = SOURCE / "packaging" / "install.sh"
THIS_PYTHON = Path(sys.executable).resolve()
LIMIT_S = 900
"""Of one installer run: a guard. A run takes about 20 s, and minutes where much else goes on."""

Tree = dict[str, tuple[int, str]]


def tree_of(folder: Path) -> Tree:
    """Everything under a folder: its mode, and what a link points to."""
    found = sorted(folder.rglob("*"))
    return {str(one.relative_to(folder)): _kind_of(one) for one in found}


def _kind_of(path: Path) -> tuple[int, str]:
    mode = path.lstat().st_mode
    return mode, str(path.readlink()) if stat.S_ISLNK(mode) else ""


@dataclass
class Machine:
    """Runs the installer with a home and a prefix of their own. ``root`` holds both."""

    root: Path
    environment: dict[str, str]
    wheelhouse: Path
    as_user: tuple[str, ...] = ()
    source: Path = SOURCE

    @property
    def prefix(self) -> Path:
        return self.root / "srv" / "carrel"

    @property
    def carrel_home(self) -> Path:
        return self.root / "state" / "box"

    @property
    def command(self) -> Path:
        return self.prefix / "bin" / "carrel"

    def words(self, *options: str) -> tuple[str, ...]:
        script = self.source / "packaging" / "install.sh"
        return (*self.as_user, "bash", str(script), "--prefix", str(self.prefix), *options)

    def install(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Without torch unless asked: on a machine with GPUs it would be gigabytes."""
        torch = () if "--with-torch" in options else ("--without-torch",)
        return self.run(*self.words("--wheelhouse", str(self.wheelhouse), *torch, *options))

    def uninstall(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(*self.words("--uninstall", *options))

    def carrel(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The installed command, in a shell that knows nothing of this test's places."""
        bare = {name: value for name, value in self.environment.items() if name != "CARREL_HOME"}
        return self.run(*self.as_user, str(self.command), *words, environment=bare)

    def run(self, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env=environment or self.environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def close(self) -> None:
        if self.command.exists():
            self.carrel("down")


def machine_at(root: Path, wheelhouse: Path) -> Machine:
    for name in ("home", "tmp"):
        (root / name).mkdir()
    (root / "tmp").chmod(0o1777)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    own = {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "CARREL_HOME": str(root / "state" / "box"),
        "CARREL_PORT": str(free_port()),
        # Threads of an engine wait for each other in loops: on a machine that others use too, one is faster.
        "CARREL_WORKER_THREADS": "1",
    }
    return Machine(root, {**kept, **own}, wheelhouse)


def tools_at(folder: Path) -> Path:
    """The folder, with links to all that the installer calls, and to no Python."""
    for directory in ("/usr/sbin", "/usr/bin", "/bin"):
        for one in Path(directory).iterdir():
            if (
                not one.name.startswith(("python", "pypy", "systemctl"))
                and not (folder / one.name).is_symlink()
            ):
                (folder / one.name).symlink_to(one)
    assert shutil.which("bash", path=str(folder)), "this machine has its tools elsewhere"
    return folder


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening() -> Iterator[int]:
    """Another program's port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])
