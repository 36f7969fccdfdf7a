"""Installing, repairing and removing: what is there afterwards, and that nothing is left behind."""

import json

import pytest

from tests.packaging.machines import Machine, tree_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_after_an_uninstall_the_tree_is_as_it_was_before(machine: Machine):
    before = tree_of(machine.root)
    done = machine.install()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing is listening yet. Next: " in done.stdout
    assert json.loads(machine.carrel("config", "get", "port", "--json").stdout)
    assert not machine.command.is_symlink()
    assert machine.carrel_home.stat().st_mode & 0o777 == 0o755
    assert (machine.carrel_home / "data").stat().st_mode & 0o777 == 0o700
    removed = machine.uninstall("--yes")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert tree_of(machine.root) == before


def test_a_second_install_repairs_the_program_and_keeps_key_and_running_box(machine: Machine):
    assert machine.install().returncode == 0
    started = machine.carrel("up")
    assert started.returncode == 0, started.stderr
    key = json.loads(machine.carrel("key", "new", "Ada", "--json").stdout)
    first = json.loads(machine.carrel("status", "--json").stdout)
    (machine.prefix / "venv/lib").rename(machine.root / "lost")
    assert machine.carrel("config", "get").returncode != 0
    del machine.environment["CARREL_HOME"]

    done = machine.install()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The box runs again." in done.stdout
    second = json.loads(machine.carrel("status", "--json").stdout)
    assert second["pid"] != first["pid"]
    keys = json.loads(machine.carrel("key", "list", "--json").stdout)["keys"]
    assert [one["id"] for one in keys] == [key["id"]]
    assert len(list((machine.prefix / "venvs").iterdir())) == 1


def test_keep_data_keeps_models_ledger_and_settings_and_nothing_else(machine: Machine):
    before = tree_of(machine.root)
    assert machine.install().returncode == 0
    assert machine.carrel("config", "set", "queue_limit", "7").returncode == 0
    ledger = machine.carrel_home / "data" / "carrel.db"
    ledger.write_bytes(b"usage")

    removed = machine.uninstall("--yes", "--keep-data")

    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert ledger.read_bytes() == b"usage"
    assert f"kept       {machine.carrel_home / 'data'}\n" in removed.stdout
    left = {name.split("/")[2] for name in tree_of(machine.root).keys() - before if name.count("/") > 1}
    assert left == {"data", "models", "carrel.toml", "carrel.toml.kept-by-carrel-uninstall"}

    assert machine.install().returncode == 0
    assert "7" in machine.carrel("config", "get", "queue_limit", "--json").stdout
    assert machine.uninstall("--yes").returncode == 0
    assert tree_of(machine.root).keys() - before.keys() <= {"state", "state/box"}
