"""Programs of Carrel for tests, each in a process of its own: a Python program is forked from a process that
has imported Carrel already, anything else is started from nothing.
"""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

CARREL = (sys.executable, "-m", "appliance")
_ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH")


class Forked:
    """A running program with what tests use of ``subprocess.Popen``."""

    def __init__(self, answer: socket.socket, program: Sequence[str]) -> None:
        self.args = tuple(program)
        self.returncode: int | None = None
        self._answer = answer
        self.pid = int(answer.recv(32))

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._answer.settimeout(timeout)
            try:
                said = self._answer.recv(32)
            except TimeoutError:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            except BlockingIOError:
                raise subprocess.TimeoutExpired(self.args, 0) from None
            self._answer.close()
            self.returncode = int(said)
        return self.returncode

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def start(
    program: Sequence[str],
    environment: Mapping[str, str],
    output: BinaryIO,
    errors: BinaryIO | None = None,
    given: BinaryIO | None = None,
    *,
    new_session: bool = True,
) -> "Forked | subprocess.Popen":
    """Start a program whose output goes to files. Without ``errors`` they go where the output goes."""
    errors = errors or output
    if not _forks(program, environment):
        return subprocess.Popen(
            program,
            env=dict(environment),
            stdin=given or subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=new_session,
        )
    said = {
        "program": list(program[1:]),
        "environment": dict(environment),
        "folder": str(Path.cwd()),
        "new_session": new_session,
    }
    with ExitStack() as stack:
        source = given or stack.enter_context(Path(os.devnull).open("rb"))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stack.enter_context(theirs)
        passed = [theirs.fileno(), source.fileno(), output.fileno(), errors.fileno()]
        socket.send_fds(_forking(), [json.dumps(said).encode()], passed)
    return Forked(ours, program)


def carry_out(
    words: Sequence[str], environment: Mapping[str, str], *, given: str = "", limit_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """One ``carrel`` command to its end: its exit code and what it wrote."""
    program = (*CARREL, *words)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as bad:
        source.write(given.encode())
        source.seek(0)
        process = start(program, environment, out, bad, source, new_session=False)
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise
        out.seek(0)
        bad.seek(0)
        return subprocess.CompletedProcess(program, code, out.read().decode(), bad.read().decode())


def _forks(program: Sequence[str], environment: Mapping[str, str]) -> bool:
    """What changes how Python itself starts wants a start of its own."""
    asked = any(name.startswith("PYTHON") for name in environment)
    return program[0] == sys.executable and program[1] in {"-m", "-c"} and not asked


@functools.cache
def _forking() -> socket.socket:
    """A socket to the one process of this test run that forks; it ends when the socket is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.system.forking"],
        cwd=_ROOT,
        env={**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    theirs.close()
    atexit.register(_end, ours, process)
    return ours


def _end(control: socket.socket, process: subprocess.Popen) -> None:
    control.close()
    process.wait(30)
