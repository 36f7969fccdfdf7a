"""Installing, repairing and removing: what is there afterwards, and what is left behind.

That an uninstall without --keep-data leaves the tree as it was is told by test_demo, test_ordinary_user and
test_torch_install, the last with a box that runs.
"""

import json
from pathlib import Path

import pytest

from tests.packaging.machines import Machine, Tree, tree_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]


def test_a_repair_keeps_key_and_running_box_and_keep_data_keeps_models_ledger_and_settings(machine: Machine):
    """One machine's life, as every install takes long: installed, repaired, removed but for its data,
    installed again, removed."""
    before = tree_of(machine.root)
    check_fresh(machine)
    check_repair(machine)
    check_keep_data(machine, before)
    ledger = ledger_of(machine).read_bytes()
    assert "Nothing is listening yet. Next: " in installed(machine)
    assert ledger_of(machine).read_bytes() == ledger
    assert "7" in machine.carrel("config", "get", "queue_limit", "--json").stdout
    removed(machine)
    assert tree_of(machine.root).keys() - before.keys() <= {"state", "state/box"}


def check_fresh(machine: Machine) -> None:
    assert "Nothing is listening yet. Next: " in installed(machine)
    assert told(machine, "config", "get", "port")
    assert not machine.command.is_symlink()
    assert machine.carrel_home.stat().st_mode & 0o777 == 0o755
    assert (machine.carrel_home / "data").stat().st_mode & 0o777 == 0o700


def check_repair(machine: Machine) -> None:
    """Of a program that has lost its packages under its box, in a shell that knows nothing of CARREL_HOME."""
    started = machine.carrel("up")
    assert started.returncode == 0, started.stderr
    key = told(machine, "key", "new", "Ada")
    first = told(machine, "status")
    (machine.prefix / "venv/lib").rename(machine.prefix / "venv/lost")
    assert machine.carrel("config", "get").returncode != 0
    home = machine.environment.pop("CARREL_HOME")

    assert "The box runs again." in installed(machine)

    assert told(machine, "status")["pid"] != first["pid"]
    assert [one["id"] for one in told(machine, "key", "list")["keys"]] == [key["id"]]
    assert len(list((machine.prefix / "venvs").iterdir())) == 1
    machine.environment["CARREL_HOME"] = home


def check_keep_data(machine: Machine, before: Tree) -> None:
    assert machine.carrel("config", "set", "queue_limit", "7").returncode == 0
    assert machine.carrel("down").returncode == 0
    ledger = ledger_of(machine).read_bytes()

    said = removed(machine, "--keep-data")

    assert ledger_of(machine).read_bytes() == ledger
    assert f"kept       {machine.carrel_home / 'data'}\n" in said
    left = {name.split("/")[2] for name in tree_of(machine.root).keys() - before if name.count("/") > 1}
    assert left == {"data", "models", "carrel.toml", "carrel.toml.kept-by-carrel-uninstall"}


def installed(machine: Machine) -> str:
    done = machine.install()
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def removed(machine: Machine, *options: str) -> str:
    done = machine.uninstall("--yes", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(machine: Machine, *words: str) -> dict:
    """A command's answer."""
    done = machine.carrel(*words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def ledger_of(machine: Machine) -> Path:
    return machine.carrel_home / "data" / "carrel.db"
