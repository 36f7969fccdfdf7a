"""Ctrl-C, a disk that fills up, a damaged package: the old state stays and the next run goes on."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.packaging.machines import Machine
from tests.required import not_run

CONTROL_C = b"\x03"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]


def interrupt_at(machine: Machine, line: bytes) -> tuple[int, str]:
    """Start an install on a terminal, press Ctrl-C once it has said ``line``; its code and all it said."""
    terminal, inside = pty.openpty()
    # Who runs the tests in the background ignores Ctrl-C, and a shell cannot take that back by itself.
    heard = ("env", "--default-signal=INT")
    words = ("setsid", "--ctty", *heard, *machine.words("--wheelhouse", str(machine.wheelhouse)))
    with subprocess.Popen(
        words, env=machine.environment, stdin=inside, stdout=inside, stderr=inside
    ) as process:
        os.close(inside)
        said = b""
        while line not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, CONTROL_C)
        said += b"".join(iter(lambda: read_or_end(terminal), b""))
    os.close(terminal)
    return process.returncode, said.decode()


def read_or_end(terminal: int) -> bytes:
    """A terminal whose other side is closed answers EIO instead of an end."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def children_of(machine: Machine) -> list[str]:
    """Command lines of processes that work on this machine's prefix."""
    return [words for words in map(_words_of, Path("/proc").glob("[0-9]*")) if str(machine.prefix) in words]


def _words_of(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_an_interrupted_install_goes_on_with_the_next_run_and_a_failed_upgrade_leaves_that_as_it_was(
    machine: Machine, tmp_path: Path
):
    code, last_words = interrupt_at(machine, b"environment made")
    assert code == 130
    assert "Stopped half way" in last_words
    assert not machine.command.exists()
    assert list((machine.root / "tmp").iterdir()) == []
    assert list((machine.prefix / "venvs").iterdir()) == []
    assert children_of(machine) == []

    done = machine.install()

    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.carrel("config", "get", "port").returncode == 0

    check_failed_upgrade(machine, damaged_packages(tmp_path / "damaged"))

    assert machine.uninstall("--yes").returncode == 0
    assert not machine.prefix.exists()


def damaged_packages(folder: Path) -> Path:
    folder.mkdir()
    wheel = f"llama_cpp_python-0.3.36-py3-none-linux_{os.uname().machine}.whl"
    (folder / wheel).write_bytes(b"PK\x03\x04 cut off")
    return folder


def check_failed_upgrade(machine: Machine, packages: Path) -> None:
    program = (machine.prefix / "venv").readlink()
    machine.wheelhouse = packages

    done = machine.install()

    assert done.returncode == 1
    assert "The program that was installed before is as it was." in done.stderr
    assert (machine.prefix / "venv").readlink() == program
    assert len(list((machine.prefix / "venvs").iterdir())) == 1
    assert machine.carrel("config", "get", "port").returncode == 0


def on_small_disk(machine: Machine, options: str, *words: str) -> tuple[str, ...]:
    """The command in a mount namespace whose prefix is a file system of its own."""
    if os.geteuid() != 0:
        not_run("only root can mount a small disk")
    machine.prefix.mkdir(parents=True)
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && exec "$@"'
    return ("unshare", "--mount", "bash", "-c", script, str(machine.prefix), *words)


def test_a_disk_that_is_too_small_is_refused_before_anything_is_written(machine: Machine):
    words = machine.words("--wheelhouse", str(machine.wheelhouse))
    done = machine.run(*on_small_disk(machine, "size=40m", *words))
    assert done.returncode == 1
    assert f"MiB free for program at {machine.prefix}; it needs 400 MiB" in done.stdout
    assert "nothing was changed" in done.stderr


def test_a_disk_that_fills_up_half_way_is_named(machine: Machine):
    words = machine.words("--wheelhouse", str(machine.wheelhouse))
    done = machine.run(*on_small_disk(machine, "size=2g,nr_inodes=2500", *words))
    assert done.returncode == 1
    assert "The disk is full." in done.stderr
    assert f"{machine.prefix} has " in done.stderr
    assert "Nothing is installed yet" in done.stderr
