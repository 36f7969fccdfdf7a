"""--with-torch, whole: installed from a folder with no index to ask, run, asked, and gone again."""

import json
import os

import pytest

from tests.packaging.machines import Machine, machine_at, tree_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

QUESTION = "Which port does Carrel listen on?"


@pytest.fixture
def torch_machine(root, torch_wheelhouse):
    machine = machine_at(root, torch_wheelhouse)
    # Only what is in the folder can be installed.
    machine.environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "OMP_NUM_THREADS": "1"}
    yield machine
    machine.close()


def test_the_processors_build_comes_from_a_folder_answers_and_leaves_nothing_behind(torch_machine: Machine):
    machine = torch_machine
    before = tree_of(machine.root)

    done = machine.install("--with-torch", "--cpu")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "torch cpu\n" in (machine.prefix / "version").read_text()
    assert "torch 2.13.0 for the processor" in check(machine, "engines")["reason"]
    assert "2.13.0 for the processor" in machine.run(*machine.words("--dry-run", "--cpu")).stdout

    assert machine.carrel("up").returncode == 0
    ran = machine.carrel("model", "run", "handbook-tiny@bf16")
    assert ran.returncode == 0, ran.stderr
    key = json.loads(machine.carrel("key", "new", "Ada", "--json").stdout)["key"]
    machine.environment["CARREL_API_KEY"] = key
    asked = machine.carrel("ask", QUESTION, "--model", "handbook-tiny@bf16", "--json")
    assert asked.returncode == 0, asked.stderr
    assert "7411" in json.loads(asked.stdout)["answer"]

    assert machine.uninstall("--yes").returncode == 0
    assert tree_of(machine.root) == before


def check(machine: Machine, name: str) -> dict:
    """What the doctor says under a name."""
    checks = json.loads(machine.carrel("doctor", "--json").stdout)["checks"]
    return next(one for one in checks if one["id"] == name)
