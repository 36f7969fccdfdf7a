"""Machines of the installer's tests, and the packages that they install from."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.packaging.filling import fill_wheelhouse, filled_once
from tests.packaging.machines import Machine, machine_at, tools_at


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
    """Every package of an install, as on a stick: the tests after this need neither network nor compiler."""
    fill = partial(fill_wheelhouse, options=("--without-torch",))
    return filled_once(tmp_path_factory, worker_id, "wheelhouse", fill)


@pytest.fixture(scope="session")
def torch_wheelhouse(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The same with the processor's build of torch."""
    fill = partial(fill_wheelhouse, options=("--with-torch",))
    return filled_once(tmp_path_factory, worker_id, "torch-wheelhouse", fill)


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
