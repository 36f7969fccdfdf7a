"""The whole way: a box makes a bundle with the program on it, and a machine with nothing answers from it."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.show_bundle import Show
from tests.packaging.filling import fill_program, filled_once, install
from tests.packaging.machines import LIMIT_S, SOURCE
from tests.required import not_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def run(*words: str, env: dict[str, str] | None = None) -> str:
    """What a command says that succeeds."""
    done = subprocess.run(
        words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory, worker_id):
    return filled_once(tmp_path_factory, worker_id, "program", fill_program)


@dataclass(frozen=True)
class Shown:
    """What the script said, and the folder that it left with the maker of the bundle and the bundle."""

    said: str
    folder: Path


@pytest.fixture(scope="module")
def shown(program) -> Iterator[Shown]:
    """One bundle for both machines that are installed from it."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        not_run("only root makes a network namespace without a route")
    script = str(SOURCE / "scripts" / "show_bundle.py")
    said = run(sys.executable, script, "--program", str(program), "--keep")
    folder = Path(said.split()[-1])
    yield Shown(said, folder)
    shutil.rmtree(folder)


def test_a_machine_without_network_compiler_or_python_answers(shown: Shown):
    assert any(version in shown.said for version in ("3.11", "3.12", "3.13"))
    assert "approved by this lab" in shown.said
    assert "Installed, started and asked in" in shown.said


def test_a_root_folder_with_the_c_library_and_little_else_answers(shown: Shown):
    show = Show(shown.folder)
    own = {**os.environ, "CARREL_HOME": str(shown.folder / "maker"), "PYTHONPATH": str(SOURCE)}
    told = run(sys.executable, "-m", "appliance", "bundle", "inspect", str(show.bundle), "--json", env=own)
    with redirect_stdout(io.StringIO()) as said:
        show.install(json.loads(told)["signer"], chroot=True)
    assert "Installed, started and asked in" in said.getvalue()


def test_a_program_that_is_there_already_is_left_as_it_is(program):
    before = {one: one.stat().st_mtime_ns for one in program.rglob("*")}
    assert "there already, whole" in install("--fill-program", str(program))
    assert {one: one.stat().st_mtime_ns for one in program.rglob("*")} == before
