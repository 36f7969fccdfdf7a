"""What a child takes from itself before it opens a model. Linux, best effort: what took hold is reported.

Called while the process has one thread and has imported no model library: a user namespace is refused to a
process with threads, and only threads started later inherit the network namespace.
"""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from appliance.confinement.system_calls import prctl, unshare

KEEP_NETWORK: Final = "--networked"
"""To the child's program, because it leaves the network before it reads its first frame."""
NO_NETWORK: Final = "no-network"
NETWORKED: Final = "networked"
"""No protection, but the lack of one, which the recipe asks for and the box's settings allow."""
MEMORY_FOR_PROMPTS_BYTES: Final = 512 * 2**20

# <sys/prctl.h> and <sched.h>
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000


def confine(*, networked: bool = False) -> tuple[str, ...]:
    """Apply every protection; the names of those that took hold. ``networked``: but for those that keep the
    process from the network.
    """
    # The order matters: writing under /proc/self ends with the core dumps, and a change of credentials, as a
    # new user namespace may be, clears the parent-death signal (prctl(2)).
    steps: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("first-out-of-memory", _offer_to_oom_killer),
        (NETWORKED, lambda: True) if networked else (NO_NETWORK, _leave_network),
    )
    return tuple(name for name, apply in steps if apply()) + shut()


def shut() -> tuple[str, ...]:
    """Those that a later change of credentials undoes in part; the names of those that took hold."""
    steps: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("no-core-dumps", _forbid_core_dumps),
        ("no-new-privileges", lambda: prctl(_PR_SET_NO_NEW_PRIVS, 1)),
        ("dies-with-parent", lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)),
    )
    return tuple(name for name, apply in steps if apply())


def limit_memory(more_bytes: int = MEMORY_FOR_PROMPTS_BYTES) -> tuple[str, ...]:
    """Let this process grow by ``more_bytes`` of address space; the name of the limit if it took hold."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (OSError, ValueError):
        return ()
    return ("memory-limit",)


def _offer_to_oom_killer() -> bool:
    """A machine out of memory should lose a replica, not the gateway."""
    try:
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    except OSError:
        return False
    return True


def _leave_network() -> bool:
    """Move into a network namespace with no interface up; the inherited socket pair goes on working."""
    return unshare(_CLONE_NEWNET) or _leave_network_as_ordinary_user()


def _leave_network_as_ordinary_user() -> bool:
    user, group = os.getuid(), os.getgid()
    if not unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        return False
    _map_to_self(user, group)
    return True


def _map_to_self(user: int, group: int) -> None:
    """Keep the same ids inside a user namespace. Without it files are as readable, the ids nobody's."""
    try:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    except OSError:
        return


def _forbid_core_dumps() -> bool:
    """A core file would hold prompts. Nor may other processes of this user trace one that is not dumpable."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return prctl(_PR_SET_DUMPABLE, 0)
