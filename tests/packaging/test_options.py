"""What the installer refuses before it looks at anything."""

import subprocess

import pytest

from tests.packaging.machines import INSTALL, Machine, tree_of


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--nonsense",), "unknown option --nonsense"),
        (("--wheelhouse",), "--wheelhouse needs a folder"),
        (("--models-dir", "--yes"), "--models-dir needs a folder"),
        (("--wheelhouse", "/nonexistent/wheels"), "there is no folder"),
        (("--keep-data",), "--keep-data goes with --uninstall"),
        (("--uninstall", "--demo"), "--demo does not go with --uninstall"),
    ],
)
def test_wrong_options_get_the_usage_and_code_2(bare_machine: Machine, options, complaint):
    before = tree_of(bare_machine.root)
    done = bare_machine.run(*bare_machine.words(*options))
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Usage: bash packaging/install.sh" in done.stderr
    assert tree_of(bare_machine.root) == before


def test_help_names_every_option_that_is_taken(bare_machine: Machine):
    done = bare_machine.run(*bare_machine.words("--help"))
    assert done.returncode == 0
    for option in ("--demo", "--prefix", "--models-dir", "--wheelhouse", "--yes", "--dry-run", "--uninstall"):
        assert option in done.stdout


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.98])
def test_a_script_that_was_cut_off_does_nothing(bare_machine: Machine, share):
    text = INSTALL.read_text()
    before = tree_of(bare_machine.root)
    done = subprocess.run(
        ["bash", "-s", "--", "--prefix", str(bare_machine.prefix)],
        input=text[: int(len(text) * share)],
        env=bare_machine.environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == ""
    assert tree_of(bare_machine.root) == before
