"""The checks before anything is changed: each says what is missing and the command that mends it."""

import os
from pathlib import Path

import pytest

from tests.packaging.machines import THIS_PYTHON, Machine, listening, tree_of

pytestmark = pytest.mark.slow


def shim(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def python_that_answers(folder: Path, name: str, words: str) -> None:
    """A Python as the installer's probe sees it: ``words`` are version, state and path."""
    shim(folder, name, f"cat >/dev/null; echo '{words}'")


@pytest.fixture
def poor_machine(bare_machine: Machine, tools: Path) -> Machine:
    """It has no Python at all."""
    bare_machine.environment["PATH"] = str(tools)
    return bare_machine


def refused(machine: Machine, *options: str) -> str:
    """What the installer said when it refused, with nothing changed."""
    before = tree_of(machine.root)
    done = machine.run(*machine.words(*options))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "nothing was changed" in done.stderr
    assert tree_of(machine.root) == before
    return done.stdout


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 14, 0)])
def test_a_python_of_another_version_is_named_with_how_to_get_the_right_one(
    poor_machine: Machine, tools: Path, version
):
    asked = f"import sys; sys.version_info = {version}; exec(sys.stdin.read())"
    shim(tools, "python3", f'exec {THIS_PYTHON} -c "{asked}"')
    said = refused(poor_machine)
    assert f"FAIL python     found {'.'.join(map(str, version))} at {THIS_PYTHON} (wrong version)" in said
    assert "Carrel needs 3.11, 3.12 or 3.13" in said
    assert "apt-get install -y python3" in said or "ppa:deadsnakes" in said


def test_a_python_without_venv_is_mended_by_its_own_package(poor_machine: Machine, tools: Path):
    python_that_answers(tools, "python3", "3.12.3 ensurepip /usr/bin/python3.12")
    said = refused(poor_machine)
    assert "found 3.12.3 at /usr/bin/python3.12 (ensurepip)" in said
    assert "apt-get install -y python3.12-venv" in said


def test_no_python_at_all_says_so(poor_machine: Machine):
    assert "FAIL python     none found" in refused(poor_machine)


def test_a_launcher_with_no_python_behind_it_is_passed_over(poor_machine: Machine, tools: Path):
    shim(tools, "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    python_that_answers(tools, "python3", "3.10.1 version /opt/python3.10")
    said = refused(poor_machine)
    assert "found 3.10.1 at /opt/python3.10 (wrong version);" in said


def test_no_compiler_is_named_with_its_packages(bare_machine: Machine, tools: Path):
    for name in ("cc", "c++"):
        (tools / name).unlink(missing_ok=True)
    (tools / "python3").symlink_to(THIS_PYTHON)
    bare_machine.environment["PATH"] = str(tools)
    said = refused(bare_machine)
    assert "FAIL compiler" in said
    assert "gcc g++ libc6-dev" in said


def test_a_wheel_at_hand_needs_no_compiler(bare_machine: Machine, tools: Path):
    for name in ("cc", "c++"):
        (tools / name).unlink(missing_ok=True)
    (tools / "python3").symlink_to(THIS_PYTHON)
    bare_machine.environment["PATH"] = str(tools)
    (bare_machine.wheelhouse / f"llama_cpp_python-0.3.36-py3-none-linux_{os.uname().machine}.whl").touch()
    done = bare_machine.run(*bare_machine.words("--dry-run", "--wheelhouse", str(bare_machine.wheelhouse)))
    assert "nothing to compile" in done.stdout
    assert "compiler" not in done.stdout


def test_a_port_in_use_is_a_warning_with_the_way_out(bare_machine: Machine):
    with listening() as port:
        bare_machine.environment["CARREL_PORT"] = str(port)
        done = bare_machine.run(*bare_machine.words("--dry-run"))
    assert f"WARN port       {port} is in use by another program" in done.stdout
    assert "carrel config set port" in done.stdout


def test_a_gpu_without_its_compiler_is_a_warning(bare_machine: Machine, tools: Path):
    (tools / "python3").symlink_to(THIS_PYTHON)
    shim(
        tools,
        "nvidia-smi",
        'case "$1" in *compute_cap*) echo 9.0 ;; *) echo "NVIDIA H100, 580.65.06" ;; esac',
    )
    (tools / "nvcc").unlink(missing_ok=True)
    bare_machine.environment["PATH"] = str(tools)
    done = bare_machine.run(*bare_machine.words("--dry-run"))
    assert "1 x NVIDIA H100, 580.65.06" in done.stdout
    if not Path("/usr/local/cuda/bin/nvcc").exists():
        assert "WARN gpu" in done.stdout
        assert "no CUDA compiler (nvcc)" in done.stdout


def test_two_kinds_of_gpu_are_both_compiled_for(bare_machine: Machine, tools: Path):
    (tools / "python3").symlink_to(THIS_PYTHON)
    shim(
        tools,
        "nvidia-smi",
        'case "$1" in *compute_cap*) printf "9.0\\n8.0\\n9.0\\n" ;; *) echo "GPU, 580" ;; esac',
    )
    shim(tools, "nvcc", 'echo "Cuda compilation tools, release 13.0, V13.0.88"')
    bare_machine.environment["PATH"] = str(tools)
    done = bare_machine.run(*bare_machine.words("--dry-run"))
    assert "-cuda13.0-sm80_90" in done.stdout
    without = bare_machine.run(*bare_machine.words("--dry-run", "--cpu"))
    assert "-cuda" not in without.stdout


def test_a_portable_engine_is_kept_apart_from_a_native_one(bare_machine: Machine):
    native = bare_machine.run(*bare_machine.words("--dry-run")).stdout
    portable = bare_machine.run(*bare_machine.words("--dry-run", "--portable")).stdout
    assert "/wheels/native-" in native
    assert "/wheels/portable-" in portable
