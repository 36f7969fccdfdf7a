"""The first ten minutes of a lesson: from a stick and no network to the report of a class of thirty."""

import subprocess
import sys

import pytest

from scripts.show_lesson.networks import reason_it_cannot
from tests.packaging.filling import fill_program, filled_once
from tests.packaging.machines import SOURCE
from tests.required import not_run, require_chromium

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_a_lesson_of_thirty_with_no_network(tmp_path_factory, worker_id):
    require_chromium()
    if reason := reason_it_cannot():
        not_run(reason)
    program = filled_once(tmp_path_factory, worker_id, "program", fill_program)
    script = SOURCE / "scripts" / "show_lesson"
    # What is promised holds on a machine that does nothing else, and this one computes other tests.
    told = subprocess.run(
        [sys.executable, str(script), "--program", str(program), "--patience", "6"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=1500,
    )  # fmt: skip
    print(told.stdout)
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-3000:]
