"""A Python process that has imported Carrel once and forks for every program it is asked to run.

Half of a second or more of every ``python -m appliance`` is imports. A forked program has its own process,
environment, folder, standard streams and exit code, and ends as an interpreter ends: only the imports are
shared. What is about the start of a process itself does not come here. See ``tests.system.programs``.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path

IMPORTED = (
    "appliance.cli.main",
    "appliance.wiring.running",
    "appliance.client.admin",
    "appliance.client.presenting.showing",
    "appliance.wiring.registry_serving",
    "appliance.catalog.signed.mirror",
    "appliance.catalog.signed.refreshing",
    "appliance.catalog.signed.snapshots",
)
_MOST_BYTES = 1 << 20


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        said, passed, _, _ = socket.recv_fds(control, _MOST_BYTES, 4)
        if not said:
            return
        threads = len(list(Path("/proc/self/task").iterdir()))
        assert threads == 1, f"a process with {threads} threads does not fork well"
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            break
        for one in passed:
            os.close(one)
    if _started(passed):
        _become(json.loads(said))


def _reap(*_: object) -> None:
    """Nobody waits for those that have ended; their processor time counts as this process's then."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _started(passed: list[int]) -> bool:
    """True in the program's process. The other one waits for its end, says the exit code and ends."""
    caller, *streams = passed
    pid = os.fork()
    if pid == 0:
        os.close(caller)
        for number, one in enumerate(streams):
            os.dup2(one, number)
            os.close(one)
        return True
    for one in (0, 1, 2, *streams):
        os.close(one)
    os.setsid()
    with socket.socket(fileno=caller) as answer:
        answer.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        answer.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(said: dict) -> None:
    if said["new_session"]:
        os.setsid()
    os.chdir(said["folder"])
    os.environ.clear()
    os.environ.update(said["environment"])
    time.tzset()
    how, what, *words = said["program"]
    if how == "-c":
        sys.argv = ["-c", *words]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [what, *words]
        runpy.run_module(what, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
