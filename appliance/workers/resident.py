"""Memory of a worker and of the processes that it has started: a model may be shared by several.

They are known by their process group, which begins with the worker.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")
_KIB: Final = 1024


def group_of(leader: int) -> frozenset[int]:
    """The processes of a group, by the process that it began with."""
    return frozenset(pid for pid in _all() if _group(pid) == leader)


def resident_bytes() -> int:
    """Of this process and its group, now; 0 where the kernel does not say."""
    return sum(_told(pid, "VmRSS") for pid in group_of(os.getpgrp()))


def peak_bytes() -> int:
    """The same: the most that each of them has had."""
    return sum(_told(pid, "VmHWM") for pid in group_of(os.getpgrp()))


def _all() -> frozenset[int]:
    """This process, and all others that it may see."""
    found = {os.getpid()}
    with suppress(OSError):
        found.update(int(place.name) for place in _PROCESSES.iterdir() if place.name.isdecimal())
    return frozenset(found)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _told(pid: int, name: str) -> int:
    try:
        said = (_PROCESSES / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    found = re.search(rf"^{name}:\s+(\d+) kB$", said, re.MULTILINE)
    return int(found[1]) * _KIB if found else 0
