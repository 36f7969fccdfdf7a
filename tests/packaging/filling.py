"""Folders that take minutes to fill, each filled once for all of a test run."""

import fcntl
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.packaging.machines import INSTALL, LIMIT_S


def filled_once(
    factory: pytest.TempPathFactory, worker_id: str, name: str, fill: Callable[[Path], None]
) -> Path:
    """The folder ``name``, which whoever comes first of xdist's workers fills for all of them."""
    own = factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    folder, is_full = shared / name, shared / f"{name}-is-full"
    with (shared / f"{name}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_full.exists():
            folder.mkdir(exist_ok=True)
            fill(folder)
            is_full.touch()
    return folder


def fill_program(folder: Path) -> None:
    """The program as a bundle holds it; the engine is compiled at most once on a machine."""
    install("--fill-program", str(folder))


def fill_wheelhouse(folder: Path, options: Sequence[str] = ()) -> None:
    """What the installer fetches for a machine without a network."""
    install("--fill-wheelhouse", str(folder), "--cpu", *options)


def install(*words: str) -> str:
    """What the installer says; it has to succeed."""
    done = subprocess.run(
        ["bash", str(INSTALL), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
