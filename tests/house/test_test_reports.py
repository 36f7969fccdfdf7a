"""What could not run is listed; only what needs a GPU may be missing where everything is required."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import required

READER = Path(__file__).parents[2] / "scripts/read_test_reports.py"
REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_one"/>
<testcase classname="tests.a" name="test_two"><failure message="no"/></testcase>
<testcase classname="tests.a" name="test_three"><skipped message="NOT RUN: strace is missing"/></testcase>
<testcase classname="tests.a" name="test_four"><skipped message="NOT RUN, NO GPU: no vLLM"/></testcase>
<testcase classname="tests.a" name="test_five"><skipped message="not on this day"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch):
    """Makes this a machine with or without a GPU."""

    def make(*, gpu: bool) -> None:
        driver = tmp_path / "version"
        if gpu:
            driver.touch()
        monkeypatch.setattr(required, "NVIDIA_DRIVER", driver)

    return make


def test_the_reader_tells_apart_what_is_missing_and_what_needs_a_gpu(tmp_path: Path):
    (tmp_path / "report.xml").write_text(REPORT)
    done = subprocess.run(
        [sys.executable, READER, tmp_path / "report.xml", tmp_path / "broken-off.xml"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "1 passed, 1 failed, 3 skipped",
        "tests.a::test_three: strace is missing",
        "no GPU: tests.a::test_four: no vLLM",
    ]


@pytest.mark.parametrize("everything", ["all", ""])
def test_without_a_gpu_what_needs_one_is_listed_and_no_failure(machine, monkeypatch, everything):
    monkeypatch.setenv("CARREL_TEST_REQUIRE", everything)
    machine(gpu=False)
    with pytest.raises(pytest.skip.Exception, match="NOT RUN, NO GPU: "):
        required.not_run_without_gpu("vLLM is missing")


def test_with_a_gpu_it_is_a_failure_where_all_is_required(machine, monkeypatch):
    monkeypatch.setenv("CARREL_TEST_REQUIRE", "all")
    machine(gpu=True)
    with pytest.raises(pytest.fail.Exception, match="vLLM is missing"):
        required.not_run_without_gpu("vLLM is missing")


def test_with_a_gpu_it_is_not_run_elsewhere(machine, monkeypatch):
    monkeypatch.delenv("CARREL_TEST_REQUIRE", raising=False)
    machine(gpu=True)
    with pytest.raises(pytest.skip.Exception, match="NOT RUN: "):
        required.not_run_without_gpu("vLLM is missing")


def test_everything_else_is_a_failure_where_all_is_required(monkeypatch):
    monkeypatch.setenv("CARREL_TEST_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception):
        required.not_run("strace is missing")
