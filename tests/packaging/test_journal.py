"""The journal is all that --uninstall goes by, and it is not trusted blindly."""

import fcntl
import os

from tests.packaging.machines import Machine, tree_of


def write_journal(machine: Machine, *lines: tuple[str, object]) -> None:
    machine.prefix.mkdir(parents=True)
    text = "".join(f"{kind}\t{what}\n" for kind, what in lines)
    (machine.prefix / "install-journal").write_text(text)


def test_without_a_journal_nothing_is_removed(bare_machine: Machine):
    (bare_machine.prefix / "bin").mkdir(parents=True)
    before = tree_of(bare_machine.root)
    done = bare_machine.uninstall("--yes")
    assert done.returncode == 1
    assert "Nothing to remove" in done.stderr
    assert tree_of(bare_machine.root) == before


def test_without_a_terminal_and_without_yes_nothing_is_removed(bare_machine: Machine):
    place = bare_machine.root / "place"
    place.mkdir()
    write_journal(bare_machine, ("tree", place))
    done = bare_machine.uninstall()
    assert done.returncode == 1
    assert "Add --yes" in done.stderr
    assert place.exists()


def test_a_dry_run_of_uninstall_lists_and_removes_nothing(bare_machine: Machine):
    place = bare_machine.root / "place"
    place.mkdir()
    write_journal(bare_machine, ("tree", place))
    before = tree_of(bare_machine.root)
    done = bare_machine.uninstall("--dry-run")
    assert done.returncode == 0
    assert f"tree       {place}" in done.stdout
    assert tree_of(bare_machine.root) == before


def test_only_what_the_journal_names_is_removed(bare_machine: Machine):
    ours, theirs = bare_machine.root / "ours", bare_machine.root / "theirs"
    for place in (ours / "deep", theirs):
        place.mkdir(parents=True)
    shared = bare_machine.root / "shared"
    shared.mkdir()
    (shared / "someone-elses").touch()
    write_journal(bare_machine, ("dir", bare_machine.prefix), ("dir", shared), ("tree", ours))
    done = bare_machine.uninstall("--yes")
    assert done.returncode == 0, done.stderr
    assert not ours.exists()
    assert not bare_machine.prefix.exists()
    assert theirs.exists()
    assert (shared / "someone-elses").exists()


def test_a_damaged_journal_does_not_cost_the_home_folder(bare_machine: Machine):
    home = bare_machine.root / "home"
    (home / "thesis.tex").touch()
    write_journal(
        bare_machine,
        ("tree", home),
        ("tree", bare_machine.root),
        ("tree", f"{bare_machine.prefix}/../../home"),
        ("tree", "relative-carrel-place"),
        ("shred", home / "thesis.tex"),
    )
    done = bare_machine.uninstall("--yes")
    assert done.returncode == 1
    assert done.stderr.count("is left alone") == 4
    assert "a line of an unknown kind: shred" in done.stderr
    assert (home / "thesis.tex").exists()
    assert (bare_machine.prefix / "install-journal").exists()


def test_a_link_to_elsewhere_is_removed_and_not_followed(bare_machine: Machine):
    elsewhere = bare_machine.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    link = bare_machine.root / "models"
    link.symlink_to(elsewhere)
    write_journal(bare_machine, ("data", link))
    assert bare_machine.uninstall("--yes").returncode == 0
    assert not link.is_symlink()
    assert (elsewhere / "file").exists()


def test_a_second_installer_at_the_same_prefix_is_told_to_try_again(bare_machine: Machine):
    bare_machine.prefix.mkdir(parents=True)
    wheel = bare_machine.wheelhouse / f"llama_cpp_python-0.3.36-py3-none-linux_{os.uname().machine}.whl"
    wheel.touch()
    with (bare_machine.prefix / "install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = bare_machine.run(*bare_machine.words("--wheelhouse", str(bare_machine.wheelhouse)))
    assert done.returncode == 75
    assert "Another installer is at work" in done.stderr
