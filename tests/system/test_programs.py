"""A forked program does what one that is started from nothing does."""

import signal
import subprocess
import sys
import tempfile

import pytest

from tests.system.programs import CARREL, Forked, carry_out, start

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "words", [("key", "list", "--json"), ("key", "list"), ("no-such-command",), ("key", "new", "--help")]
)
def test_a_forked_command_ends_and_says_as_one_that_is_started(tmp_path, words):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "CARREL_HOME": str(tmp_path / "b")}
    started = subprocess.run(
        [*CARREL, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    forked = carry_out(words, environment)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        started.returncode, started.stdout, started.stderr,
    )  # fmt: skip


def test_a_forked_program_has_an_environment_words_and_an_end_of_its_own():
    code = "import os, sys; print(dict(os.environ), sys.argv, input()); sys.exit(7)"
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(b"as given\n")
        given.seek(0)
        program = start((sys.executable, "-c", code, "a", "b"), {"ONE": "1"}, output, given=given)
        assert isinstance(program, Forked)
        assert program.wait(60) == 7
        output.seek(0)
        assert output.read().decode() == "{'ONE': '1'} ['-c', 'a', 'b'] as given\n"


def test_a_forked_program_is_ended_by_a_signal_and_not_before():
    with tempfile.TemporaryFile() as output:
        program = start((sys.executable, "-c", "import signal; signal.pause()"), {}, output)
        assert program.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(0.01)
        program.terminate()
        assert program.wait(60) == -signal.SIGTERM
        program.kill()
        assert program.returncode == -signal.SIGTERM
