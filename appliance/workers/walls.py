"""The walls that a child builds once it knows what it will open, after those of ``confine``.

Still before any model library is loaded and with one thread: threads that start later are inside.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.workers.confine import shut
from appliance.workers.dropping import become, with_entries
from appliance.workers.frames import Load
from appliance.workers.landlock import keep_files
from appliance.workers.system_calls import drop_capabilities

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


def build_walls(load: Load) -> tuple[str, ...]:
    """The names of the walls that stand."""
    model = _model(load)
    changed = _change_user(load, model)
    capabilities = ("no-capabilities",) if drop_capabilities() else ()
    devices = (found for pattern in _USABLE for found in _DEVICES.glob(pattern))
    files = keep_files([*model, *_program(load), *_SYSTEM], devices)
    # A change of credentials has cleared what `confine` had asked for.
    return changed + capabilities + files + shut()


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
