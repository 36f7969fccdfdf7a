"""The walls that a child builds once it knows what it will open, after those of ``confine``.

Still before any model library is loaded and with one thread: threads that start later are inside.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.confinement.confine import NO_NETWORK, shut
from appliance.confinement.landlock import keep_files
from appliance.confinement.system_calls import drop_capabilities
from appliance.errors import ConfigInvalid
from appliance.workers.dropping import become, with_entries
from appliance.workers.frames import Load
from appliance.workers.loopback import raise_loopback

OTHER_USER: Final = "other-user"
STAYS_ROOT: Final = "stays-root"
"""No protection, but the lack of one: the worker's user may not read the model, or Carrel itself."""

_SYSTEM: Final = tuple(
    Path(one)
    for one in (
        *("/usr", "/lib", "/lib64", "/bin", "/opt", "/proc", "/sys"),
        *("/etc/ld.so.cache", "/etc/localtime", "/etc/nvidia", "/etc/passwd", "/etc/nsswitch.conf"),
    )
)
_DEVICES: Final = Path("/dev")
_USABLE: Final = ("null", "zero", "full", "random", "urandom", "shm", "nvidia*", "dri", "kfd")
_OF_THE_NETWORK: Final = tuple(
    Path("/etc") / name for name in ("hosts", "host.conf", "resolv.conf", "gai.conf")
)
_RAY: Final = Path("/tmp/ray")  # noqa: S108  # nosec B108
"""Where Ray keeps the sockets of its own daemon on this machine."""
_GROUPS_OF_ONE: Final = frozenset({"vllm"})
"""Engines that open a process group of torch's on one GPU too, which without a loopback address fails."""


def build_walls(load: Load, standing: tuple[str, ...]) -> tuple[str, ...]:
    """The names of those that stand, beside what ``confine`` did. Raises ``ConfigInvalid`` where a model is
    for a group of processes that would not be among themselves.
    """
    grouped = load.role == "worker" and (load.spec.ranks > 1 or load.spec.engine in _GROUPS_OF_ONE)
    if grouped and not load.networked:
        _open_loopback(standing)
    model = _model(load)
    changed = _change_user(load, model)
    capabilities = ("no-capabilities",) if drop_capabilities() else ()
    usable = [found for pattern in _USABLE for found in _DEVICES.glob(pattern)]
    readable = [*model, *_program(load), *_SYSTEM]
    if load.networked:
        usable.append(_RAY)
        readable += _OF_THE_NETWORK
    files = keep_files(readable, usable, tcp=grouped or load.networked)
    # A change of credentials has cleared what `confine` had asked for.
    return changed + capabilities + files + shut()


def _open_loopback(standing: tuple[str, ...]) -> None:
    """The processes of a group talk over TCP, which they may where nobody else can be reached by it."""
    if NO_NETWORK not in standing or not raise_loopback():
        raise ConfigInvalid(
            "This model is computed by processes that talk over TCP, in a network namespace of their own. "
            "This machine does not let Carrel make one. Allow user namespaces (`carrel doctor` says more), "
            "or run a form of the model that needs one process."
        )


def _change_user(load: Load, model: list[Path]) -> tuple[str, ...]:
    if load.user is None:
        return ()
    return (OTHER_USER,) if become(load.user, with_entries([*model, *_program(load)])) else (STAYS_ROOT,)


def _model(load: Load) -> list[Path]:
    """The folder of the model: its files lie side by side."""
    path = Path(load.spec.model_path)
    if path.is_file():
        return [path.parent]
    return [path] if path.is_dir() else []


def _program(load: Load) -> Iterator[Path]:
    """Python, what it imports and what that links."""
    places = (sys.prefix, sys.base_prefix, *sys.path, *load.libraries)
    return (Path(place) for place in dict.fromkeys(places) if place)
