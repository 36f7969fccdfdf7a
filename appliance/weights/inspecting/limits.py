"""What the inspecting process takes from itself before it opens a file that nobody vouches for."""

import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.confinement.confine import confine
from appliance.confinement.landlock import keep_files
from appliance.confinement.system_calls import drop_capabilities

MEMORY_BYTES: Final = 3 * 2**30
"""Of address space: the header of a large vocabulary is mapped, and its tokenizer is decoded."""
CPU_S: Final = 25
_FILES: Final = 64
_NOTHING: Final = 0


def shut_in(files: Iterable[Path]) -> tuple[str, ...]:
    """Keep ``files`` and the program for reading, and give up what can be given up; the names of what took
    hold.
    """
    needed = list(files)
    standing = confine()
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_S)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    _limit(resource.RLIMIT_FSIZE, _NOTHING)
    # Root reads what belongs to others by a capability.
    if all(map(_is_ours, needed)) and drop_capabilities():
        standing += ("no-capabilities",)
    # Python imports a part of its library only when that is needed.
    program = (Path(one) for one in (sys.prefix, sys.base_prefix, *sys.path) if one)
    return standing + keep_files([*needed, *program], ())


def _limit(what: int, most: int) -> None:
    with suppress(OSError, ValueError):  # one that is lower already
        resource.setrlimit(what, (most, most))


def _is_ours(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.geteuid()
    except OSError:
        return False
