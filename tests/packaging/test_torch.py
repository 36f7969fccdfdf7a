"""The second engine: which build of torch a machine gets, what that needs, and that an upgrade keeps it."""

import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.machines import SOURCE, THIS_PYTHON, Machine

pytestmark = pytest.mark.slow

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def give_gpus(machine: Machine, tools: Path, *, driver: str = "580.65.06") -> None:
    """Put an ``nvidia-smi`` before all other programs."""
    (tools / "python3").symlink_to(THIS_PYTHON)
    smi = tools / "nvidia-smi"
    smi.unlink(missing_ok=True)
    smi.write_text(
        '#!/bin/sh\ncase "$1" in\n'
        f'*compute_cap*) echo 9.0 ;;\n*=driver_version*) echo "{driver}" ;;\n'
        f'*) echo "NVIDIA H100, {driver}" ;;\nesac\n'
    )
    smi.chmod(0o755)
    machine.environment["PATH"] = str(tools)


@pytest.fixture
def gpu_machine(bare_machine: Machine, tools: Path) -> Machine:
    give_gpus(bare_machine, tools)
    return bare_machine


@pytest.fixture
def plain_machine(bare_machine: Machine, tools: Path) -> Machine:
    """It has no GPU, whatever this machine has."""
    (tools / "python3").symlink_to(THIS_PYTHON)
    (tools / "nvidia-smi").unlink(missing_ok=True)
    bare_machine.environment["PATH"] = str(tools)
    return bare_machine


def planned(machine: Machine, *options: str) -> str:
    done = machine.run(*machine.words("--dry-run", *options))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed_before(machine: Machine, torch: str) -> None:
    """Leave what an earlier installer wrote down."""
    machine.prefix.mkdir(parents=True)
    (machine.prefix / "version").write_text(f"carrel 0.0.9\ntorch {torch}\n")


def build_of(plan: str) -> str:
    (line,) = [one for one in plan.splitlines() if one[7:].startswith("torch ")]
    return "CUDA" if "CUDA" in line else "processor" if "for the processor" in line else "none"


@pytest.mark.parametrize(
    ("options", "before", "build"),
    [
        ((), "", "none"),
        (("--with-torch",), "", "processor"),
        (("--without-torch",), "", "none"),
        ((), "cpu", "processor"),
        ((), "cuda", "CUDA"),
        ((), "none", "none"),
        ((), "without", "none"),
        (("--with-torch",), "without", "processor"),
        (("--without-torch",), "cpu", "none"),
        (("--cpu",), "cuda", "processor"),
    ],
)
def test_a_machine_without_gpus_gets_the_build_that_was_asked_for(
    plain_machine: Machine, options, before, build
):
    if before:
        installed_before(plain_machine, before)
    assert build_of(planned(plain_machine, *options)) == build


@pytest.mark.parametrize(
    ("options", "before", "build"),
    [
        ((), "", "CUDA"),
        (("--without-torch",), "", "none"),
        (("--cpu",), "", "none"),
        (("--cpu", "--with-torch"), "", "processor"),
        ((), "without", "none"),
        ((), "none", "CUDA"),
        ((), "cpu", "CUDA"),
        (("--with-torch",), "without", "CUDA"),
    ],
)
def test_a_machine_with_gpus_gets_torch_unless_it_was_refused(gpu_machine: Machine, options, before, build):
    if before:
        installed_before(gpu_machine, before)
    assert build_of(planned(gpu_machine, *options)) == build


def test_the_plan_says_where_the_processors_build_comes_from(plain_machine: Machine):
    plan = planned(plain_machine, "--with-torch").partition("This would happen")[2]
    assert f"for the processor, from a folder or {CPU_INDEX}" in plan
    assert "torch" not in planned(plain_machine).partition("This would happen")[2]


def test_a_driver_that_is_too_old_for_the_build_is_a_warning(gpu_machine: Machine, tools: Path):
    assert "OK   torch      2.13.0 for CUDA" in planned(gpu_machine)
    (tools / "python3").unlink()
    give_gpus(gpu_machine, tools, driver="535.183.01")
    said = planned(gpu_machine)
    assert "WARN torch" in said
    assert "this is 535.183.01" in said
    assert "update NVIDIA's driver, or add --cpu" in said


@pytest.mark.parametrize(
    ("options", "program_mib", "fetched_mib"),
    [
        (("--with-torch", "--cpu"), 1900, 600),
        (("--with-torch",), 8400, 4000),
        (("--without-torch",), 400, None),
    ],
)
def test_torch_needs_room_for_the_program_and_for_what_is_fetched(
    gpu_machine: Machine, tools: Path, options, program_mib, fetched_mib
):
    df = tools / "df"
    df.unlink()
    df.write_text('#!/bin/sh\necho "Filesystem 1024-blocks Used Available"\necho "disk 0 0 10240"\n')
    df.chmod(0o755)
    done = gpu_machine.run(*gpu_machine.words("--dry-run", *options))
    assert f"10 MiB free for program at {gpu_machine.prefix}; it needs {program_mib} MiB" in done.stdout
    assert (f"it needs {fetched_mib} MiB" in done.stdout) is (fetched_mib is not None)
    assert ("for what is fetched" in done.stdout) is (fetched_mib is not None)


# ---- what pip is asked ----------------------------------------------------------------------------

RECORDING_PIP = """#!/bin/sh
echo "$@" >>"$ASKED"
case "$*" in $ANSWERS_TO) exit 0 ;; esac
exit 1
"""


def asked_of_pip(tmp_path: Path, answers_to: str) -> tuple[int, list[str]]:
    """The installer's exit code and what it asked a pip that only knows ``answers_to`` (a pattern)."""
    pip = tmp_path / "venv" / "bin" / "pip"
    pip.parent.mkdir(parents=True)
    pip.write_text(RECORDING_PIP)
    pip.chmod(0o755)
    done = subprocess.run(
        ["bash", str(SOURCE / "packaging" / "install.sh"), "--torch-into", str(tmp_path / "venv")],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "ASKED": str(tmp_path / "asked"),
            "ANSWERS_TO": answers_to,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (tmp_path / "asked").read_text().splitlines()


def test_a_build_in_a_folder_is_taken_before_any_index_is_asked(tmp_path):
    code, asked = asked_of_pip(tmp_path, "*--no-index*")
    assert code == 0
    assert len(asked) == 1


def test_without_a_folder_only_torch_itself_comes_from_pytorchs_index(tmp_path):
    code, asked = asked_of_pip(tmp_path, f"*--index-url*{CPU_INDEX}*")
    assert code == 0
    assert len(asked) == 2
    assert "--no-deps" in asked[1]


def test_no_machine_without_gpus_is_ever_given_the_cuda_build(tmp_path):
    code, asked = asked_of_pip(tmp_path, "nothing")
    assert code != 0
    assert len(asked) == 3
    assert all(line.endswith("torch==2.13.0+cpu") for line in asked)


@pytest.mark.parametrize(
    ("build", "admitted", "refused"),
    [
        ("cpu", ["2.13.0+cpu"], ["2.13.0", "2.13.0+cu130", "2.13.1+cpu"]),
        ("cuda", ["2.13.0", "2.13.0+cu126"], ["2.13.0+cpu", "2.13.1"]),
        ("none", ["2.13.0", "2.13.0+cpu"], ["2.13.1"]),
    ],
)
def test_the_pin_of_torch_admits_one_build_only(tmp_path, build, admitted, refused):
    pins = tmp_path / "constraints.txt"
    pins.write_text((SOURCE / "packaging" / "constraints.txt").read_text())
    script = f'. "{SOURCE}/packaging/torch.sh" && TORCH={build} && pin_torch "{pins}"'
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, timeout=30)
    (line,) = [one for one in pins.read_text().splitlines() if one.startswith("torch==")]
    allowed = Requirement(line).specifier
    assert [version for version in (*admitted, *refused) if allowed.contains(version)] == admitted
