"""--bundle before anything is changed: what a stick has to be for this machine to be installed from it."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.packaging.machines import SOURCE, Machine, tools_at, tree_of

MACHINE = os.uname().machine
GLIBC = os.confstr("CS_GNU_LIBC_VERSION").split()[1]


class Stick:
    """A bundle as the installer sees it before it installs; nothing on it can be run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "program"
        (self.program / "wheels").mkdir(parents=True)
        (folder / "manifest.jws").write_text("x")
        shutil.copytree(SOURCE / "packaging", self.program / "packaging")
        (self.program / "wheels" / "carrel-0.1.0-py3-none-any.whl").touch()
        (self.program / "wheels" / f"llama_cpp_python-0.3.36-py3-none-linux_{MACHINE}.whl").touch()
        (self.program / "python.tar.gz").write_bytes(b"x")
        self.facts(MACHINE, "2.17")

    def facts(self, machine: str, glibc: str) -> None:
        (self.program / "program.txt").write_text(
            f"carrel 0.1.0\nmachine {machine}\nglibc {glibc}\npython 3.11.7\ntorch without\n"
        )
        self.seal()

    def seal(self) -> None:
        files = [one for one in sorted(self.program.rglob("*")) if one.is_file() and one.name != "SHA256SUMS"]
        lines = [
            f"{hashlib.sha256(one.read_bytes()).hexdigest()}  ./{one.relative_to(self.program)}\n"
            for one in files
        ]
        (self.program / "SHA256SUMS").write_text("".join(lines))


@pytest.fixture
def stick(bare_machine: Machine) -> Stick:
    return Stick(bare_machine.root / "stick")


@pytest.fixture(scope="module")
def no_compiler(tmp_path_factory):
    """A folder for PATH with neither a Python nor a compiler."""
    folder = tools_at(tmp_path_factory.mktemp("tools"))
    for name in ("cc", "c++", "gcc", "g++"):
        (folder / name).unlink(missing_ok=True)
    return folder


@pytest.fixture
def without_python(bare_machine: Machine, no_compiler: Path) -> Machine:
    bare_machine.environment["PATH"] = str(no_compiler)
    return bare_machine


def checked(machine: Machine, stick: Stick, *options: str):
    before = tree_of(machine.root)
    done = machine.run(*machine.words("--bundle", str(stick.folder), "--dry-run", *options))
    assert tree_of(machine.root) == before
    return done


def test_neither_python_nor_compiler_is_needed(without_python: Machine, stick: Stick):
    done = checked(without_python, stick, "--model", "tiny")
    assert done.returncode == 0, done.stderr
    assert "FAIL" not in done.stdout
    assert "3.11.7, of the bundle" in done.stdout
    assert "nothing to compile" in done.stdout
    plan = done.stdout.partition("This would happen")[2]
    assert f"{without_python.prefix}/pythons/3.11.7-" in plan
    assert f"tiny: get it from {stick.folder}" in plan


def test_the_bundles_own_installer_is_the_one_that_installs(without_python: Machine, stick: Stick):
    script = stick.program / "packaging" / "install.sh"
    script.write_text("echo the installer of the bundle, with: $*\n")
    done = checked(without_python, stick)
    assert "the installer of the bundle, with: --prefix" in done.stdout


def test_started_from_the_stick_it_knows_its_bundle(without_python: Machine, stick: Stick):
    script = stick.program / "packaging" / "install.sh"
    done = without_python.run("bash", str(script), "--prefix", str(without_python.prefix), "--dry-run")
    assert "3.11.7, of the bundle" in done.stdout, done.stdout + done.stderr


def test_a_program_that_is_damaged_is_refused(without_python: Machine, stick: Stick):
    (stick.program / "python.tar.gz").write_bytes(b"y")
    assert "FAIL bundle     its program is damaged" in checked(without_python, stick).stdout


def test_a_program_for_other_machines_is_refused(without_python: Machine, stick: Stick):
    stick.facts("riscv64", "2.17")
    assert f"its program is for riscv64, this is {MACHINE}" in checked(without_python, stick).stdout


def test_a_system_that_is_too_old_is_told_both_versions(without_python: Machine, stick: Stick):
    stick.facts(MACHINE, "2.999")
    said = checked(without_python, stick).stdout
    assert f"needs a C library (glibc) of 2.999 or newer; this system has {GLIBC}" in said


def test_a_folder_that_is_no_finished_bundle_is_refused(bare_machine: Machine, stick: Stick):
    (stick.folder / "manifest.jws").unlink()
    done = bare_machine.run(*bare_machine.words("--bundle", str(stick.folder)))
    assert done.returncode == 2
    assert "no manifest.jws" in done.stderr


@pytest.mark.slow
def test_a_bundle_without_a_program_leaves_the_installer_as_it_is(bare_machine: Machine, stick: Stick):
    shutil.rmtree(stick.program)
    done = checked(bare_machine, stick)
    assert "of the bundle" not in done.stdout
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--demo", "--accept-license", "x"), "go with --model"),
        (("--model", "m", "--accept-license", "x"), "needs --accept-as"),
        (("--model", "m", "--sign-conduct", "x"), "--sign-conduct needs --accept-as"),
        (("--demo", "--sign-conduct", "x"), "go with --model"),
        (
            ("--model", "m", "--accept-license", "x", "--accept-as", "Ada", "--purpose", "p"),
            "a name and a role",
        ),
        (("--uninstall", "--model", "m"), "--model does not go with --uninstall"),
        (("--python", "/nonexistent"), "--python goes with --fill-program"),
        (("--purpose", "p"), "go with --model"),
        (("--model", "m", "--purpose", ""), "--purpose needs a text"),
    ],
)
def test_options_that_do_not_go_together_are_refused(bare_machine: Machine, options, complaint):
    done = bare_machine.run(*bare_machine.words(*options))
    assert done.returncode == 2
    assert complaint in done.stderr


@pytest.mark.slow
def test_the_plan_names_the_model(bare_machine: Machine):
    plan = bare_machine.run(*bare_machine.words("--dry-run", "--model", "tiny")).stdout
    assert "tiny: get it, run it, make a key, ask it" in plan.partition("This would happen")[2]
    plan = bare_machine.run(*bare_machine.words("--dry-run", "--model")).stdout
    assert "one to choose" in plan.partition("This would happen")[2]
