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


AGAIN = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_two"/>
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


def lines_of(*reports: Path) -> list[str]:
    done = subprocess.run([sys.executable, READER, *reports], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_what_fails_and_then_passes_is_counted_once_and_named(tmp_path: Path):
    (tmp_path / "report.xml").write_text(REPORT)
    (tmp_path / "again.xml").write_text(AGAIN)
    lines = lines_of(tmp_path / "report.xml", tmp_path / "again.xml")
    assert lines[0] == "2 passed, 0 failed, 3 skipped"
    assert lines[-1] == "unstable: tests.a::test_two"
    (tmp_path / "again.xml").write_text(AGAIN.replace("/>", "><error/></testcase>"))
    lines = lines_of(tmp_path / "report.xml", tmp_path / "again.xml")
    assert lines[0] == "1 passed, 1 failed, 3 skipped"
    assert not lines[-1].startswith("unstable")


def test_a_test_that_passes_and_fails_in_its_teardown_has_failed(tmp_path: Path):
    (tmp_path / "report.xml").write_text(
        AGAIN.replace(
            "</testsuite>", '<testcase classname="tests.a" name="test_two"><error/></testcase></testsuite>', 1
        )
    )
    assert lines_of(tmp_path / "report.xml") == ["0 passed, 1 failed, 0 skipped"]


def test_the_reader_tells_apart_what_is_missing_and_what_needs_a_gpu(tmp_path: Path):
    (tmp_path / "report.xml").write_text(REPORT)
    assert lines_of(tmp_path / "report.xml", tmp_path / "broken-off.xml") == [
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
