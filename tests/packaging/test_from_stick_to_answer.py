"""The whole way: a box makes a bundle with the program on it, and a machine with nothing answers from it."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.packaging.machines import INSTALL, SOURCE
from tests.required import not_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program as a bundle holds it; the engine is compiled at most once on a machine."""
    folder = tmp_path_factory.mktemp("program")
    done = subprocess.run(
        ["bash", str(INSTALL), "--fill-program", str(folder)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def show(program):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        not_run("only root makes a network namespace without a route")

    def run(*options):
        script = SOURCE / "scripts" / "show_bundle.py"
        done = subprocess.run(
            [sys.executable, str(script), "--program", str(program), *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_a_machine_without_network_compiler_or_python_answers(show):
    said = show()
    assert "3.11" in said or "3.12" in said or "3.13" in said
    assert "approved by this lab" in said
    assert "Installed, started and asked in" in said


def test_a_root_folder_with_the_c_library_and_little_else_answers(show):
    assert "Installed, started and asked in" in show("--chroot")


def test_a_program_that_is_there_already_is_left_as_it_is(program):
    before = {one: one.stat().st_mtime_ns for one in program.rglob("*")}
    done = subprocess.run(
        ["bash", str(INSTALL), "--fill-program", str(program)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "there already, whole" in done.stdout
    assert {one: one.stat().st_mtime_ns for one in program.rglob("*")} == before
