"""A worker's memory limit, as the gateway keeps it: by a cgroup where it may make one, else by what it hears.

Never by a limit on address space: CUDA reserves far more of that than it uses.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
_MIB: Final = 2**20
_PREFIX: Final = "carrel-worker-"


class MemoryLimit:
    """One worker's, over all its lives. ``limit_bytes`` None: no limit."""

    def __init__(self, limit_bytes: int | None, places: Sequence[Path] | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._places = places
        self._group: Path | None = None

    @property
    def wall(self) -> tuple[str, ...]:
        """The name of the protection, if there is one."""
        if self._limit_bytes is None:
            return ()
        return ("memory-limit" if self._group else "memory-watched",)

    def take(self, pid: int) -> None:
        """Put a process that has just started under the limit."""
        if self._limit_bytes is None:
            return
        places = _own_groups() if self._places is None else self._places
        made = (_made(place, self._limit_bytes, pid) for place in places)
        self._group = next((group for group in made if group is not None), None)

    def objection(self, memory_bytes: int) -> str | None:
        """Why a process that has so much memory has to end, where the kernel does not see to it."""
        if self._limit_bytes is None or self._group is not None or memory_bytes <= self._limit_bytes:
            return None
        return self._reason(self._limit_bytes)

    def why_killed(self) -> str | None:
        """The reason, if the kernel ended the process for its memory."""
        if self._group is None or self._limit_bytes is None or not _kills(self._group):
            return None
        return self._reason(self._limit_bytes)

    def release(self) -> None:
        """The process is reaped."""
        if self._group is not None:
            with suppress(OSError):
                self._group.rmdir()
        self._group = None

    def _reason(self, limit_bytes: int) -> str:
        return f"It used more memory than its limit of {limit_bytes // _MIB} MiB."


def _own_groups() -> list[Path]:
    """Where this process may be allowed to make groups: version 2 first."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found: list[Path] = []
    for line in sorted(lines):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            found.append(CGROUPS / path.lstrip("/"))
        elif controllers == "memory":
            found.append(CGROUPS / "memory" / path.lstrip("/"))
    return found


def _made(place: Path, limit_bytes: int, pid: int) -> Path | None:
    """A group under ``place`` with the process in it, or None where that cannot be."""
    if not _may_limit(place):
        return None
    group = place / f"{_PREFIX}{os.getpid()}-{pid}"
    _sweep(place)
    try:
        group.mkdir()
        _limit(group, limit_bytes)
        _write(group / "cgroup.procs", str(pid))
    except OSError:
        with suppress(OSError):
            group.rmdir()
        return None
    return group


def _may_limit(place: Path) -> bool:
    """Whether groups under ``place`` have a limit on memory."""
    if (place / "memory.limit_in_bytes").exists():
        return True
    with suppress(OSError):
        _write(place / "cgroup.subtree_control", "+memory")
        return True
    return False


def _write(path: Path, value: str) -> None:
    """To a file of the kernel: never make one, for where there is none it would be no cgroup's."""
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, value.encode("ascii"))
    finally:
        os.close(file)


def _limit(group: Path, limit_bytes: int) -> None:
    if (group / "memory.max").exists():
        _write(group / "memory.max", str(limit_bytes))
        extras = (("memory.swap.max", "0"), ("memory.oom.group", "1"))
    else:
        _write(group / "memory.limit_in_bytes", str(limit_bytes))
        extras = (("memory.memsw.limit_in_bytes", str(limit_bytes)), ("memory.swappiness", "0"))
    for name, value in extras:
        with suppress(OSError):
            _write(group / name, value)


def _kills(group: Path) -> int:
    """How many processes of the group the kernel has killed for memory."""
    for name in ("memory.events", "memory.oom_control"):
        with suppress(OSError):
            lines = (group / name).read_text(encoding="ascii").splitlines()
            return sum(int(line.split()[1]) for line in lines if line.split()[0] == "oom_kill")
    return 0


def _sweep(place: Path) -> None:
    """Remove the empty groups that a killed gateway left."""
    for left in place.glob(f"{_PREFIX}*"):
        gateway = left.name.removeprefix(_PREFIX).split("-")[0]
        if not Path("/proc", gateway).exists():
            with suppress(OSError):
                left.rmdir()
