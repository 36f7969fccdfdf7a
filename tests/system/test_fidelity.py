"""``model verify`` on a real box: damaged files, what the demo model's forms cost, an operator who leaves."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from appliance.client.admin import AdminClient
from appliance.domain.results import Verification
from tests.required import require_torch
from tests.system.box import RealBox
from tests.system.programs import carry_out

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

BUNDLED = Path(__file__).resolve().parents[2] / "recipes" / "handbook-tiny"
ACTION = {"model": "handbook-tiny", "fidelity": True}


@pytest.fixture(scope="module")
def admin(box: RealBox) -> Iterator[AdminClient]:
    with AdminClient(box.home / "box" / "run" / "admin.sock") as client:
        yield client


@pytest.fixture(scope="module")
def measured(admin: AdminClient) -> Verification:
    found = admin.run("model.verify", ACTION)
    assert isinstance(found, Verification)
    return found


@pytest.fixture(scope="module")
def lines(measured: Verification):
    assert measured.fidelity is not None
    return {one.id.partition("@")[2]: one for one in measured.fidelity.forms}


def states(admin: AdminClient) -> dict[str, str]:
    return {one.id: one.state for one in admin.run("status").models}


def test_every_form_is_whole_and_in_one_table(measured, lines):
    assert measured.ok
    assert {form.id.partition("@")[2] for form in measured.forms} == set(lines)


def test_a_quantized_form_reads_nearly_as_the_full_one(lines):
    f16, q8 = lines["f16"], lines["q8"]
    assert f16.tokens == q8.tokens > 3000
    assert f16.perplexity == pytest.approx(q8.perplexity, rel=0.01)
    assert 0.98 < q8.agreement < 1
    assert q8.mean_difference < 0.05


def test_forms_of_both_engines_are_compared_with_the_fullest(lines):
    require_torch()
    assert {one.reference for one in lines.values()} == {"f32"}
    assert {name: one.reason for name, one in lines.items() if one.reason} == {}
    assert lines["f16"].largest_difference < 0.05
    assert lines["f16"].mean_difference < lines["bf16"].mean_difference < lines["nf4"].mean_difference
    assert lines["int8"].agreement > lines["nf4"].agreement > 0.9


def test_nothing_runs_afterwards_that_did_not_before_and_nobody_was_charged(measured, admin, box):
    running = [name for name, state in states(admin).items() if state != "available"]
    assert running == ["handbook-tiny"]
    assert box.rows() == []


def test_the_models_page_and_the_operators_sheet_tell_what_was_measured(measured, lines, admin, box, key):
    shown = admin.run("model.show", {"model": "handbook-tiny"}).fidelity
    assert shown == lines["q8"]
    headers = {"authorization": f"Bearer {key}"}
    told = httpx.get(f"{box.url}/models/handbook-tiny", headers=headers).json()["carrel"]["fidelity"]
    assert (told["perplexity"], told["reference"]) == (lines["q8"].perplexity, lines["q8"].reference)


def test_an_operator_who_leaves_ends_the_measuring(admin, box):
    command = [sys.executable, "-m", "appliance", "model", "verify", "handbook-tiny", "--fidelity"]
    leaving = subprocess.Popen(command, env=box.environment, stderr=subprocess.PIPE, text=True)
    assert leaving.stderr is not None
    told = leaving.stderr.readline()
    assert told.startswith("handbook-tiny")
    leaving.send_signal(signal.SIGINT)
    assert leaving.wait(60) == 130
    leaving.stderr.close()
    deadline_s = time.monotonic() + 60
    while admin.run("status").tasks or list(states(admin).values()).count("available") < 2:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)  # the box has no event for this
    assert [name for name, state in states(admin).items() if state != "available"] == ["handbook-tiny"]


def test_a_damaged_copy_is_told_with_its_name_and_exit_code_8(box):
    folder = box.home / "box" / "models" / "handbook-tiny"
    folder.mkdir(parents=True)
    copy = folder / "handbook-tiny-f16.gguf"
    shutil.copyfile(BUNDLED / copy.name, copy)
    with copy.open("r+b") as file:
        file.seek(100_000)
        file.write(b"\xff\x00")
    done = carry_out(("model", "verify", "handbook-tiny@f16"), box.environment)
    shutil.rmtree(folder)
    assert done.returncode == 8
    assert "handbook-tiny-f16.gguf is not the file of the recipe" in done.stdout
