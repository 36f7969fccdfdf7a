"""An install by a user who may write nothing but a home: the defaults, the link, and nothing left behind."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.packaging.machines import SOURCE, Machine, tree_of
from tests.required import not_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

NOBODY = 65534


def python_for_all() -> Path:
    """This Python's version where any user may run it, as the packages of the test are for this version."""
    here = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    if not here.exists():
        not_run(f"there is no {here} that an ordinary user can run")
    return here


@pytest.fixture
def home_of_nobody(machine: Machine) -> Machine:
    """The machine as seen by a user without rights; source and packages lie where that user can read them."""
    machine.source = machine.root / "source"
    machine.source.mkdir()
    for name in ("appliance", "recipes", "packaging"):
        shutil.copytree(SOURCE / name, machine.source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(SOURCE / name, machine.source)
    machine.wheelhouse = Path(shutil.copytree(machine.wheelhouse, machine.root / "wheels"))
    machine.wheelhouse.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(machine.root / "home", NOBODY, NOBODY)
        machine.as_user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        machine.environment["PATH"] = f"{python_for_all().parent}:/bin"
    del machine.environment["CARREL_HOME"]
    return machine


def test_program_link_and_data_lie_in_the_home_and_are_gone_afterwards(home_of_nobody: Machine):
    machine, home = home_of_nobody, home_of_nobody.root / "home"
    script = str(machine.source / "packaging" / "install.sh")
    before = tree_of(machine.root)

    done = machine.run(*machine.as_user, "bash", script, "--wheelhouse", str(machine.wheelhouse))

    assert done.returncode == 0, done.stdout + done.stderr
    link = home / ".local/bin/carrel"
    assert link.readlink() == home / ".local/share/carrel-app/bin/carrel"
    assert f"{home}/.local/bin is not in PATH" in done.stdout
    assert "After a reboot the box does not come back by itself" in done.stdout
    assert machine.run(*machine.as_user, str(link), "config", "set", "queue_limit", "9").returncode == 0
    assert (home / ".config/carrel/carrel.toml").exists()

    removed = machine.run(*machine.as_user, "bash", script, "--uninstall", "--yes")

    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert tree_of(machine.root) == before
