"""The machine and the interpreter: system, Python, SQLite, memory, load, limits, clock."""

import os
import platform
import resource
import sqlite3
import sys
import time
from pathlib import Path
from typing import Final

import psutil

import appliance
from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.domain.results import Check

_GIB: Final = 2**30
_DAY_S: Final = 86_400
_SAFE_SQLITE: Final = (3, 51, 3)
"""First without the WAL-reset bug: two connections that write at one moment can corrupt the database."""


def system(name: str, machine: str) -> Check:
    """Linux, on a processor that wheels exist for."""
    if name != "Linux":
        return fail("system", f"{name} is not supported", "run Carrel on Linux")
    if machine not in {"x86_64", "aarch64"}:
        return warn("system", f"Linux on {machine} is untested", "use a machine with x86_64 or aarch64")
    return ok("system", f"Linux on {machine}")


def python(version: tuple[int, ...]) -> Check:
    """A Python that Carrel is tested with."""
    text = ".".join(map(str, version))
    if (3, 11) <= version[:2] <= (3, 13):
        return ok("python", f"Python {text}")
    return fail("python", f"Python {text} is not supported", "install Carrel with Python 3.11, 3.12 or 3.13")


def sqlite(version: tuple[int, ...]) -> Check:
    """A SQLite without the WAL-reset bug."""
    text = ".".join(map(str, version))
    if version >= _SAFE_SQLITE:
        return ok("sqlite", f"SQLite {text}")
    reason = f"SQLite {text} has the WAL-reset bug; Carrel avoids it with a single writer"
    return warn(
        "sqlite",
        reason,
        "use a Python with SQLite 3.51.3 or later; never open the database while the box runs",
    )


def memory(available_bytes: int) -> Check:
    """Memory for a model beside the gateway."""
    reason = f"{available_bytes / _GIB:.1f} GiB of memory available"
    if available_bytes < _GIB // 2:
        return fail("memory", reason, "end other programs, or stop a model with `carrel model stop`")
    if available_bytes < 2 * _GIB:
        return warn("memory", reason, "only small models fit; end other programs")
    return ok("memory", reason)


def load(average: float, cores: int) -> Check:
    """Cores that are not all busy with something else."""
    reason = f"load {average:.1f} on {cores} cores"
    if average > cores:
        return warn("load", reason, "other programs take the processor: look with `top`")
    return ok("load", reason)


def core_dumps(soft_limit: int) -> Check:
    """No core files: they would hold prompts."""
    if soft_limit == 0:
        return ok("core_dumps", "a crash leaves no memory image on the disk")
    return warn(
        "core_dumps",
        "a crash may write prompts to the disk",
        "ulimit -c 0, or LimitCORE=0 in the service unit",
    )


def open_files(soft_limit: int) -> Check:
    """File descriptors for as many clients as may wait."""
    if soft_limit == resource.RLIM_INFINITY or soft_limit >= 1024:
        return ok("open_files", "enough files may be open at once")
    return warn(
        "open_files",
        f"only {soft_limit} files may be open at once",
        "ulimit -n 4096, or LimitNOFILE=4096 in the unit",
    )


def clock(now_s: float, installed_s: float) -> Check:
    """A clock that is not behind the installation: keys expire and usage is dated by it."""
    if now_s + _DAY_S < installed_s:
        return fail("clock", "the clock is behind the day Carrel was installed", "timedatectl set-ntp true")
    return ok("clock", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now_s)))


def look() -> list[Check]:
    """All of them, for this machine."""
    return [
        system(platform.system(), platform.machine()),
        python(tuple(sys.version_info[:3])),
        sqlite(tuple(map(int, sqlite3.sqlite_version.split(".")))),
        memory(psutil.virtual_memory().available),
        load(os.getloadavg()[1], len(os.sched_getaffinity(0))),
        core_dumps(resource.getrlimit(resource.RLIMIT_CORE)[0]),
        open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        clock(time.time(), Path(appliance.__file__).stat().st_mtime),
    ]
