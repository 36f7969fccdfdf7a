"""--dry-run: the whole plan, and not one file."""

import os
from pathlib import Path

import pytest

from appliance.config.places import SYSTEM, UserFolders, find_places
from tests.packaging.machines import THIS_PYTHON, Machine, tree_of
from tests.required import not_run

pytestmark = pytest.mark.slow

# Should the dry run of a whole machine's install ever write, it must not be this machine that it writes to.
READ_ONLY = 'mount -t tmpfs tmpfs "$TMPDIR" && mount -o remount,bind,ro / && exec "$@"'


def test_it_lists_every_path_and_changes_nothing(bare_machine: Machine):
    before = tree_of(bare_machine.root)
    done = bare_machine.run(
        *bare_machine.words("--dry-run", "--demo", "--models-dir", str(bare_machine.root / "big"))
    )
    assert done.returncode == 0, done.stderr
    assert tree_of(bare_machine.root) == before
    plan = done.stdout.partition("This would happen")[2]
    home = bare_machine.carrel_home
    paths = [bare_machine.prefix / "venv", bare_machine.command, bare_machine.root / "home/.cache/carrel"]
    paths += [home / name for name in ("carrel.toml", "data", "models", "run", "log")]
    for path in (*paths, bare_machine.root / "big"):
        assert str(path) in plan
    assert "Which port does Carrel listen on?" in plan


def test_without_a_home_of_its_own_roots_box_lies_where_the_program_looks_for_it(bare_machine: Machine):
    if os.geteuid() != 0:
        not_run("only root installs for the whole machine")
    del bare_machine.environment["CARREL_HOME"]
    script = str(bare_machine.source / "packaging" / "install.sh")
    done = bare_machine.run(
        "unshare", "--mount", "bash", "-c", READ_ONLY, "bash", "bash", script, "--dry-run"
    )
    assert done.returncode == 0, done.stderr
    plan = done.stdout.partition("This would happen")[2]
    for path in (SYSTEM.config_file.parent, SYSTEM.data_dir, SYSTEM.log_dir, SYSTEM.runtime_dir):
        assert f" {path}\n" in plan
    assert "/opt/carrel/bin/carrel" in plan
    assert "/usr/local/bin/carrel" in plan


def test_an_ordinary_users_box_lies_where_the_program_looks_for_it(bare_machine: Machine, tools: Path):
    del bare_machine.environment["CARREL_HOME"]
    home = bare_machine.root / "home"
    (tools / "python3").symlink_to(THIS_PYTHON)
    done = bare_machine.run(
        *_as_user(1234), "bash", str(bare_machine.source / "packaging/install.sh"), "--dry-run"
    )
    assert done.returncode == 0, done.stderr
    folders = UserFolders(
        config=home / ".config/carrel",
        data=home / ".local/share/carrel",
        state=home / ".local/state/carrel",
        log=home / ".local/state/carrel/log",
    )
    places = find_places({}, 1234, folders)
    plan = done.stdout.partition("This would happen")[2]
    assert f" {places.config_file.parent}\n" in plan
    assert f" {places.data_dir}\n" in plan
    assert f" {places.runtime_dir.parent}\n" in plan
    assert places.log_dir.is_relative_to(places.runtime_dir.parent)
    assert f" {home}/.local/share/carrel-app/bin/carrel\n" in plan
    assert f" {home}/.local/bin/carrel\n" in plan


def _as_user(uid: int) -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
