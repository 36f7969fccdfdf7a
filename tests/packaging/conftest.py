"""Machines of the installer's tests, and the packages that they install from."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.machines import INSTALL, Machine, machine_at, tools_at


@pytest.fixture
def empty_wheelhouse(tmp_path: Path) -> Path:
    folder = tmp_path / "no-wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder with a short name, which any user may enter: a socket's path holds 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="carrel-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bare_machine(root: Path, empty_wheelhouse: Path) -> Iterator[Machine]:
    """For what ends before anything is installed."""
    machine = machine_at(root, empty_wheelhouse)
    yield machine
    machine.close()


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Every package of an install, as on a stick: the tests after this need neither network nor compiler.

    Whoever comes first of xdist's workers fills it for all of them.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    folder, is_full = shared / "wheelhouse", shared / "wheelhouse-is-full"
    with (shared / "wheelhouse-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_full.exists():
            folder.mkdir(exist_ok=True)
            filled(folder, "--without-torch")
            is_full.touch()
    return folder


@pytest.fixture(scope="session")
def torch_wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the processor's build of torch."""
    return filled(tmp_path_factory.mktemp("torch-wheelhouse"), "--with-torch")


def filled(folder: Path, *options: str) -> Path:
    """The folder, with what the installer fetches for a machine without a network."""
    done = subprocess.run(
        ["bash", str(INSTALL), "--fill-wheelhouse", str(folder), "--cpu", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def machine(root: Path, wheelhouse: Path) -> Iterator[Machine]:
    """For whole installs."""
    machine = machine_at(root, wheelhouse)
    yield machine
    machine.close()


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH with all that the installer calls, and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    return tools_at(folder)
